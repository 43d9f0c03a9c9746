import { beforeEach, describe, expect, it } from 'vitest';
import { waitedLine, waitForProxies } from './wait.ts';

let now: number;
let asked: string[];
let slept: number[];
let notes: string;

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  asked = [];
  slept = [];
  notes = '';
});

const world = {
  note: (text: string) => {
    notes += text;
  },
  notesToTerminal: true,
  clock: () => now,
  sleep: async (milliseconds: number) => {
    slept.push(milliseconds);
    now += milliseconds;
  },
};

interface Counts {
  readonly connected?: number;
  readonly have?: number;
  readonly failed?: number;
  readonly offline?: number;
}

/** An answer; who failed is named with Envoy's words. */
function answer({ connected = 3, have = 0, failed = 0, offline = 0 }: Counts, mesh = 'shop', revision = 7) {
  const one = { has: 6, given: 7, since: '2025-12-31T23:59:00.000Z' };
  const refused = { name: 'web-0', reason: 'refused', message: 'duplicate address', ...one };
  const late = { name: 'web-1', reason: 'not_acknowledged', ...one };
  const waiting = connected - have - failed;
  return {
    ...{ mesh, revision, head: revision, complete: connected === have },
    proxies: { connected, have, waiting, failed, offline },
    waitingFor: [...(failed > 0 ? [refused] : []), ...(waiting > 0 ? [late] : [])],
    unnamed: Math.max(0, failed - 1) + Math.max(0, waiting - 1),
  };
}

/** A control plane that gives these answers, one after the other, and takes as long as it is asked to wait. */
function client(...answers: readonly object[]) {
  let next = 0;
  return {
    async get(path: string) {
      asked.push(path);
      const seconds = Number(new URL(path, 'http://cp').searchParams.get('wait') ?? 0);
      now += seconds * 1000;
      next += 1;
      return answers[Math.min(next, answers.length) - 1];
    },
  };
}

const wait = (answers: readonly object[], revision?: number, timeoutMs = 10_000) =>
  waitForProxies(client(...answers), new Map([['shop', revision]]), timeoutMs, world);

describe('waiting for proxies', () => {
  it('asks once where all have it', async () => {
    const { propagation, error } = await wait([answer({ have: 3, offline: 1 })], 7);
    expect(error).toBeUndefined();
    expect(asked).toEqual(['/meshes/shop/_propagation?revision=7']);
    expect(waitedLine(propagation)).toBe('3 of 3 connected proxies have it, 1 is offline');
  });

  it('waits for the revision of the first answer, and tells how far it is', async () => {
    const { error } = await wait([answer({}), answer({ have: 2 }), answer({ have: 3 })]);
    expect(error).toBeUndefined();
    expect(asked).toEqual([
      '/meshes/shop/_propagation',
      '/meshes/shop/_propagation?revision=7&wait=3.000',
      '/meshes/shop/_propagation?revision=7&wait=3.000',
    ]);
    expect(notes).toBe(
      '\rproxies that have it: 0 of 3\rproxies that have it: 2 of 3\rproxies that have it: 3 of 3\n',
    );
  });

  it('gives up in time, and says who does not have it', async () => {
    const { error } = await wait([answer({ connected: 5, have: 1 })], 7);
    expect(asked.slice(1).map((path) => path.replace(/^.*wait=/, ''))).toEqual([
      '3.000',
      '3.000',
      '3.000',
      '1.000',
    ]);
    expect(error?.message).toBe(
      [
        '4 of 5 proxies of mesh shop do not have revision 7',
        '  web-1 has not answered, for 1m',
        '  and 3 more',
      ].join('\n'),
    );
  });

  it('ends where one refuses, once it is known what becomes of the others', async () => {
    const { error, propagation } = await wait([
      answer({}),
      answer({ failed: 1 }),
      answer({ failed: 1, have: 1 }),
      answer({ failed: 1, have: 2 }),
    ]);
    expect(slept).toEqual([250, 250]);
    expect(propagation[0]?.proxies).toMatchObject({ have: 2, failed: 1 });
    expect(error?.message).toBe(
      [
        '1 of 3 proxies of mesh shop do not have revision 7',
        '  web-0 refused it, for 1m: duplicate address',
      ].join('\n'),
    );
  });

  it('does not look at others for ever', async () => {
    const { error } = await wait([answer({ failed: 1 })]);
    expect(slept).toHaveLength(8);
    expect(error?.message).toContain('web-0 refused it');
    expect(error?.message).toContain('web-1 has not answered');
  });

  it('tells of all meshes that do not have it', async () => {
    const found = [answer({ have: 3 }, 'a'), answer({ failed: 3 }, 'b'), answer({ failed: 1, have: 2 }, 'c')];
    const meshes = new Map([
      ['a', 7],
      ['b', 7],
      ['c', 7],
    ]);
    const { error, propagation } = await waitForProxies(client(...found), meshes, 1_000, world);
    expect(error?.message).toContain('3 of 3 proxies of mesh b do not have revision 7');
    expect(error?.message).toContain('1 of 3 proxies of mesh c do not have revision 7');
    expect(error?.message).not.toContain('mesh a');
    expect(waitedLine(propagation)).toBe('5 of 9 connected proxies have it');
  });
});
