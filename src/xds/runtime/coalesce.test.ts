import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCoalescer } from './coalesce.ts';

function fail(error: unknown): never {
  throw error;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that notes when it began, and takes so long. */
function noting(takesMs = 0) {
  const begins: number[] = [];
  const start = performance.now();
  return {
    begins,
    async work() {
      begins.push(performance.now() - start);
      if (takesMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, takesMs));
      }
    },
  };
}

describe('createCoalescer', () => {
  it('runs once more for any number of triggers during a run', async () => {
    const { begins, work } = noting(10);
    const coalescer = createCoalescer(work, { onError: fail });
    for (let count = 0; count < 100; count += 1) {
      coalescer.trigger();
    }
    expect(begins).toStrictEqual([0]);
    const idle = coalescer.idle();
    await vi.advanceTimersByTimeAsync(100);
    await idle;
    expect(begins).toStrictEqual([0, 10]);
  });

  it('tries again after failures, later and later, and says so', async () => {
    const errors: unknown[] = [];
    const { begins, work } = noting();
    const coalescer = createCoalescer(
      async () => {
        await work();
        if (begins.length < 9) {
          throw new Error(`run ${begins.length}`);
        }
      },
      { onError: (error) => errors.push(error), random: () => 0 },
    );
    coalescer.trigger();
    await vi.advanceTimersByTimeAsync(60_000);
    await coalescer.idle();
    expect(begins.slice(1).map((begin, index) => begin - (begins[index] ?? 0))).toStrictEqual([
      100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
    expect(errors).toHaveLength(8);
    expect(errors[0]).toEqual(new Error('run 1'));
  });

  it('tries again at different times, and begins anew with what failed after a success', async () => {
    const { begins, work } = noting();
    const outcomes = ['bad', 'bad', 'good', 'bad', 'good'];
    const coalescer = createCoalescer(
      async () => {
        await work();
        if (outcomes.shift() === 'bad') {
          throw new Error('bad');
        }
      },
      { onError() {}, random: () => 0.5 },
    );
    coalescer.trigger();
    await vi.advanceTimersByTimeAsync(1_000);
    coalescer.trigger();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(begins).toStrictEqual([0, 75, 225, 1_000, 1_075]);
  });

  it('rests after a run for as long as it is told; the first after a rest runs at once', async () => {
    const { begins, work } = noting();
    const rests = [0, 200, 50];
    const coalescer = createCoalescer(work, { onError: fail, restMs: () => rests.shift() ?? 0 });
    for (let ms = 0; ms < 300; ms += 10) {
      coalescer.trigger();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(begins.slice(0, 5)).toStrictEqual([0, 10, 210, 260, 260]);
    await vi.advanceTimersByTimeAsync(1_000);
    const before = begins.length;
    coalescer.trigger();
    expect(begins).toHaveLength(before + 1);
  });

  it('ends a rest early where it may, but not the one after a failure', async () => {
    const { begins, work } = noting();
    let isRested = false;
    const coalescer = createCoalescer(
      async () => {
        await work();
        if (begins.length === 3) {
          throw new Error('bad');
        }
      },
      { onError() {}, random: () => 0, restMs: () => 1_000, isRested: () => isRested },
    );
    coalescer.trigger();
    coalescer.trigger();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(begins).toStrictEqual([0, 1_000]);
    isRested = true;
    coalescer.trigger();
    // It fails, and rests for as long as that takes.
    await vi.advanceTimersByTimeAsync(99);
    expect(begins).toStrictEqual([0, 1_000, 1_500]);
    await vi.advanceTimersByTimeAsync(1);
    expect(begins).toStrictEqual([0, 1_000, 1_500, 1_600]);
    isRested = false;
    coalescer.trigger();
    await vi.advanceTimersByTimeAsync(250);
    isRested = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(begins.slice(4)).toStrictEqual([1_900]);
  });

  it('begins nothing once stopped, and is silent', async () => {
    const { begins, work } = noting(10);
    const coalescer = createCoalescer(
      async () => {
        await work();
        throw new Error('nobody wants to know');
      },
      { onError: fail },
    );
    coalescer.trigger();
    coalescer.stop();
    coalescer.trigger();
    await vi.advanceTimersByTimeAsync(10_000);
    await coalescer.idle();
    expect(begins).toStrictEqual([0]);
  });
});
