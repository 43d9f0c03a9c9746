import { setTimeout as sleep } from 'node:timers/promises';

/** The longest that anything in a benchmark may take, in milliseconds. */
export const patienceMs = 120_000;

/**
 * Waits until a condition holds; gives the milliseconds that it took.
 *
 * @throws Error after `longestMs`, {@link patienceMs} unless told.
 */
export async function until(condition: () => boolean, everyMs = 10, longestMs = patienceMs): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > longestMs) {
      throw new Error(`not done after ${longestMs} ms`);
    }
    await sleep(everyMs);
  }
  return performance.now() - start;
}
