import { describe, expect, it } from 'vitest';
import { createCoalescer } from './coalesce.ts';

function fail(error: unknown): never {
  throw error;
}

describe('createCoalescer', () => {
  it('runs once more for any number of triggers during a run', async () => {
    let runs = 0;
    let release = () => {};
    const coalescer = createCoalescer(
      () => {
        runs += 1;
        return runs === 1 ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve();
      },
      { onError: fail },
    );
    coalescer.trigger();
    coalescer.trigger();
    coalescer.trigger();
    expect(runs).toBe(1);
    release();
    await coalescer.idle();
    expect(runs).toBe(2);
  });

  it('tries again after a failure and says so', async () => {
    const errors: unknown[] = [];
    let runs = 0;
    const coalescer = createCoalescer(
      async () => {
        runs += 1;
        if (runs < 3) {
          throw new Error(`run ${runs}`);
        }
      },
      { onError: (error) => errors.push(error) },
    );
    coalescer.trigger();
    await coalescer.idle();
    expect(runs).toBe(3);
    expect(errors).toEqual([new Error('run 1'), new Error('run 2')]);
  });

  it('begins nothing once stopped', async () => {
    let runs = 0;
    const coalescer = createCoalescer(
      async () => {
        runs += 1;
      },
      { onError: fail },
    );
    coalescer.stop();
    coalescer.trigger();
    await coalescer.idle();
    expect(runs).toBe(0);
  });
});
