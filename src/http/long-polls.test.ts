import { beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { createLongPolls } from './long-polls.ts';

const [acme, other] = [tenantId('acme'), tenantId('other')];
const nobodyLeaves = new AbortController().signal;

let looks: number;
let hasHappened: boolean;

beforeEach(() => {
  looks = 0;
  hasHappened = false;
});

const look = async () => {
  looks += 1;
  return hasHappened;
};
const poll = (milliseconds: number, tenant = acme) => ({
  ...{ tenant, key: 'a', milliseconds, signal: nobodyLeaves, look },
});
/** A minute: a test that had to wait for it would fail. */
const long = 60_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a long poll', () => {
  it('looks again when it is woken, and goes on where nothing has happened', async () => {
    const polls = createLongPolls({ othersWrite: false });
    const waiting = polls.wait(poll(long));
    await turn();
    polls.wake('b');
    await turn();
    expect(looks).toBe(1);
    polls.wake('a');
    await turn();
    expect(looks).toBe(2);
    hasHappened = true;
    polls.wake('a');
    await waiting;
    expect(looks).toBe(3);
    polls.wake('a');
    await turn();
    expect(looks).toBe(3);
  });

  it('misses nothing that happens while it looks', async () => {
    const polls = createLongPolls({ othersWrite: false });
    const slow = async () => {
      const before = hasHappened;
      looks += 1;
      if (looks === 1) {
        hasHappened = true;
        polls.wake('a');
      }
      return before;
    };
    await polls.wait({ ...poll(long), look: slow });
    expect(looks).toBe(2);
  });

  it('looks by itself where others write', async () => {
    const polls = createLongPolls({ othersWrite: true });
    const waiting = polls.wait(poll(long));
    await turn();
    hasHappened = true;
    await waiting;
    expect(looks).toBe(2);
  });

  it('ends with what its look throws, and leaves its place', async () => {
    const polls = createLongPolls({ othersWrite: false });
    const broken = () => Promise.reject(new Error('no such mesh'));
    for (let n = 0; n < 300; n += 1) {
      await expect(polls.wait({ ...poll(long), look: broken })).rejects.toThrow('no such mesh');
    }
  });

  it('is refused where too many of the tenant wait, and nobody else’s is', async () => {
    const polls = createLongPolls({ othersWrite: false });
    const waiting = Array.from({ length: 200 }, () => polls.wait(poll(long)));
    await expect(polls.wait(poll(long))).rejects.toThrow('too many requests wait');
    const others = polls.wait(poll(long, other));
    hasHappened = true;
    polls.wake('a');
    await Promise.all([...waiting, others]);
    await polls.wait(poll(long));
  });
});
