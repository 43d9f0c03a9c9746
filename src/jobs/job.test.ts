import { describe, expect, it } from 'vitest';
import { type Logger, silentLogger } from '../model/ports.ts';
import { deadlineBefore, noDeadline } from './deadline.ts';
import { type Job, runJob } from './job.ts';

/** A job of so many steps; `fail` says which of them do. */
function counting(count: number, done: number[], fail: (step: number) => boolean = () => false): Job {
  return {
    name: 'count',
    async *steps() {
      for (let step = 0; step < count; step += 1) {
        yield {
          about: { step },
          async run() {
            if (fail(step)) {
              throw new Error('no');
            }
            done.push(step);
          },
        };
      }
    },
  };
}

describe('runJob', () => {
  it('does every step once', async () => {
    const done: number[] = [];
    const outcome = await runJob(counting(100, done), noDeadline, silentLogger);
    expect(outcome).toEqual({ steps: 100, failed: 0, isDone: true });
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, step) => step));
  });

  it('logs a step that fails, and does the others', async () => {
    const logged: unknown[] = [];
    const logger: Logger = { ...silentLogger, error: (message, fields) => logged.push([message, fields]) };
    const done: number[] = [];
    const outcome = await runJob(
      counting(10, done, (step) => step === 3),
      noDeadline,
      logger,
    );
    expect(outcome).toEqual({ steps: 10, failed: 1, isDone: true });
    expect(done).toHaveLength(9);
    expect(logged).toEqual([['a step of a job failed', { job: 'count', step: 3, error: new Error('no') }]]);
  });

  it('begins no step when the deadline is over, and ends those that it has begun', async () => {
    const done: number[] = [];
    const outcome = await runJob(counting(100, done), { isOver: () => done.length >= 20 }, silentLogger);
    expect(outcome.isDone).toBe(false);
    expect(done.length).toBe(outcome.steps);
    expect(done.length).toBeLessThan(30);
  });

  it('fails where the list cannot be read on', async () => {
    const job: Job = {
      name: 'broken',
      // biome-ignore lint/correctness/useYield: it fails before there is a step.
      async *steps() {
        throw new Error('out of reach');
      },
    };
    expect(await runJob(job, noDeadline, silentLogger)).toEqual({ steps: 0, failed: 1, isDone: false });
  });
});

it.each([
  { total: 300_000, remaining: 20_001, isOver: false },
  { total: 300_000, remaining: 20_000, isOver: true },
  { total: 10_000, remaining: 5_001, isOver: false },
  { total: 10_000, remaining: 5_000, isOver: true },
])('of $total ms with $remaining left the deadline is over: $isOver', ({ total, remaining, isOver }) => {
  let left = total;
  const deadline = deadlineBefore(() => left);
  left = remaining;
  expect(deadline.isOver()).toBe(isOver);
});
