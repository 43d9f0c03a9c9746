import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../model/errors.ts';
import { createTableReach } from './table-reach.ts';

function world() {
  const time = { now: 0, random: 0 };
  const reach = createTableReach({ pauseMs: 1_000, clock: () => time.now, random: () => time.random });
  let calls = 0;
  const work = (outcome: () => Promise<string>) => () => {
    calls += 1;
    return outcome();
  };
  const gone = work(() => Promise.reject(new KumulusError('unavailable', 'the table is gone')));
  const fine = work(async () => 'done');
  return {
    time,
    reach,
    gone,
    fine,
    work,
    get calls() {
      return calls;
    },
  };
}

/** What somebody is told who is refused without the table being asked. */
const refusal = (retryAfterSeconds: number) => ({
  code: 'unavailable',
  message: `the table cannot be reached now, come back in ${retryAfterSeconds} s`,
  retryAfterSeconds,
});

describe('a table that was found gone', () => {
  it('is not asked again before the pause is over, and not for others by those it failed', async () => {
    const { time, reach, gone, fine } = world();
    await expect(reach.run('acme/default', gone)).rejects.toThrow('the table is gone');
    time.now = 999;
    await expect(reach.run('acme/default', fine)).rejects.toMatchObject(refusal(1));
    expect(await reach.run('acme/other', fine)).toBe('done');
    time.now = 1_000;
    expect(await reach.run('acme/default', fine)).toBe('done');
  });

  it('is asked by one at a time until it answers, and then by all', async () => {
    const { time, reach, gone, fine, work } = world();
    await expect(reach.run('a', gone)).rejects.toThrow('the table is gone');
    time.now = 1_000;
    let answer: (text: string) => void = () => {};
    const first = reach.run(
      'a',
      work(() => new Promise((resolve) => (answer = resolve))),
    );
    time.now = 60_000;
    await expect(reach.run('a', fine)).rejects.toMatchObject(refusal(1));
    answer('answered');
    expect(await first).toBe('answered');
    expect(await Promise.all([reach.run('a', fine), reach.run('a', fine)])).toStrictEqual(['done', 'done']);
  });

  it('is left alone for a further pause by each who finds it gone', async () => {
    const world1 = world();
    const { time, reach, gone } = world1;
    const outcomes: unknown[] = [];
    for (time.now = 0; time.now < 10_000; time.now += 100) {
      await reach.run('a', gone).catch((error: unknown) => outcomes.push(error));
    }
    expect([outcomes.length, world1.calls]).toStrictEqual([100, 10]);
  });

  it('tells those who are refused different times', async () => {
    const { time, reach, gone, fine } = world();
    await expect(reach.run('a', gone)).rejects.toThrow();
    const told: number[] = [];
    for (time.random = 0; time.random < 0.99; time.random += 0.25) {
      await reach.run('a', fine).catch(({ retryAfterSeconds }) => told.push(retryAfterSeconds));
    }
    expect(told).toStrictEqual([1, 2, 3, 4]);
    time.random = 0.999;
    await expect(reach.run('a', fine)).rejects.toMatchObject(refusal(5));
  });
});

it.each(['conflict', 'forbidden', 'invalid'] as const)('a %s is an answer', async (code) => {
  const { time, reach, gone, fine, work } = world();
  await expect(reach.run('a', gone)).rejects.toThrow();
  time.now = 1_000;
  const refused = work(() => Promise.reject(new KumulusError(code, 'no')));
  await expect(reach.run('a', refused)).rejects.toThrow('no');
  expect(await reach.run('a', fine)).toBe('done');
});
