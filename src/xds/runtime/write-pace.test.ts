import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWritePace, type WritePace } from './write-pace.ts';

let started: number[];
let failing: boolean;
let errors: number;
let pace: WritePace;

const now = () => Math.round(performance.now());
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

function create(options: { readonly restMs?: number } = {}): WritePace {
  return createWritePace(
    async () => {
      started.push(now());
      if (failing) {
        throw new Error('the table is gone');
      }
    },
    {
      ...options,
      retryMs: 100,
      longestRetryMs: 400,
      random: () => 1 - Number.EPSILON,
      onError: () => {
        errors += 1;
      },
    },
  );
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], now: 0 });
  started = [];
  failing = false;
  errors = 0;
  pace = create();
});

afterEach(() => {
  pace.stop();
  vi.useRealTimers();
});

describe('the pace of writes', () => {
  it('is that of who wants it soonest', async () => {
    const begun = now();
    pace.within(500);
    pace.within(200);
    pace.within(300);
    await pass(1_000);
    expect(started).toEqual([begun + 200]);
  });

  it('lets what comes one at a time pass at once', async () => {
    pace = create({ restMs: 1_000 });
    const asked: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      asked.push(now());
      pace.within(0);
      await pass(120);
    }
    expect(started).toEqual(asked);
  });

  it('rests ever longer while writes keep being asked for, and not after a quiet time', async () => {
    pace = create({ restMs: 1_000 });
    const begun = now();
    for (let at = 0; at < 4_000; at += 10) {
      pace.within(0);
      await pass(10);
    }
    const rests = started.map((at) => at - begun);
    expect(rests).toEqual([0, 100, 300, 700, 1_500, 2_500, 3_500]);
    await pass(2_000);
    started = [];
    pace.within(0);
    await pass(0);
    expect(started).toEqual([now()]);
  });

  it('tries again what failed, ever later, until it succeeds', async () => {
    failing = true;
    const begun = now();
    pace.within(0);
    await pass(1_500);
    expect(started.map((at) => at - begun)).toEqual([0, 100, 300, 700, 1_100, 1_500]);
    expect(errors).toBe(6);
    failing = false;
    await pass(400);
    started = [];
    await pass(10_000);
    expect(started).toEqual([]);
    pace.within(0);
    await pass(0);
    expect(started).toHaveLength(1);
  });

  it('hurries at the end, tries once, and begins nothing afterwards', async () => {
    pace.within(500);
    await pace.flush();
    expect(started).toHaveLength(1);
    await pace.flush();
    expect(started).toHaveLength(1);
    failing = true;
    pace.within(500);
    await pace.flush();
    expect(started).toHaveLength(2);
    pace.stop();
    pace.within(0);
    await pass(10_000);
    expect(started).toHaveLength(2);
  });
});
