import { describe, expect, it } from 'vitest';
import { tenantId } from '../../model/tenant.ts';
import type { ResourceStore } from '../../store/resource-store.ts';
import { createLongPolls } from '../long-polls.ts';
import { createChangeWaiter } from './change-waiter.ts';

const acme = tenantId('acme');

/** A table whose head others move, and a process that may or may not hear of it. */
function setUp(othersWrite: boolean) {
  let revision = 1;
  let reads = 0;
  const listeners = new Set<Parameters<ResourceStore['onCommit']>[0]>();
  const waiter = createChangeWaiter({
    polls: createLongPolls({ othersWrite }),
    resources: {
      async head() {
        reads += 1;
        return { revision, counts: {}, snapshotRevision: 0 };
      },
      onCommit(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
  return {
    wait: (milliseconds: number, signal = new AbortController().signal) =>
      waiter.wait(acme, 'default', 1, milliseconds, signal),
    elsewhere: () => {
      revision += 1;
    },
    here: () => {
      revision += 1;
      for (const listener of listeners) {
        listener(acme, 'default', revision);
      }
    },
    reads: () => reads,
  };
}

/** Five minutes: a test that had to wait for it would fail. */
const long = 300_000;

describe('waiting for a change', () => {
  it('does not begin where it has happened already', async () => {
    const { wait, elsewhere } = setUp(false);
    elsewhere();
    await wait(long);
  });

  it.each([true, false])('ends with a commit of the same process (others write: %j)', async (othersWrite) => {
    const { wait, here } = setUp(othersWrite);
    const waiting = wait(long);
    await new Promise((resolve) => setImmediate(resolve));
    here();
    await waiting;
  });

  it('ends with a commit of another process', async () => {
    const { wait, elsewhere, reads } = setUp(true);
    const waiting = wait(long);
    await new Promise((resolve) => setImmediate(resolve));
    elsewhere();
    await waiting;
    expect(reads()).toBe(2);
  });

  it.each([true, false])('ends when its time is over (others write: %j)', async (othersWrite) => {
    const { wait } = setUp(othersWrite);
    await wait(20);
  });

  it.each([true, false])('ends when nobody waits any more (others write: %j)', async (othersWrite) => {
    const { wait } = setUp(othersWrite);
    const leave = new AbortController();
    const waiting = wait(long, leave.signal);
    await new Promise((resolve) => setImmediate(resolve));
    leave.abort();
    await waiting;
    await wait(long, leave.signal);
  });

  it('reads the table once where nobody else writes to it', async () => {
    const { wait, reads } = setUp(false);
    await wait(300);
    expect(reads()).toBe(1);
  });
});
