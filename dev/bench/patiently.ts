import { setTimeout as sleep } from 'node:timers/promises';
import { patienceMs } from './until.ts';

/**
 * Tries again, half a second to a second later, what was turned away.
 *
 * @throws what the work throws after {@link patienceMs}.
 */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() - start > patienceMs) {
        throw error;
      }
      await sleep(500 + Math.random() * 500);
    }
  }
}
