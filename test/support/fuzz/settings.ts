import type { Parameters } from 'fast-check';

/**
 * How much a property is tried: `FUZZ_RUNS` times as much as usual, from `FUZZ_SEED` (1 unless told), so that a failure can
 * be seen again.
 *
 * @param runs what is usual.
 */
export function tried<Values>(runs: number): Parameters<Values> {
  return {
    numRuns: Math.max(1, Math.round(runs * Number(process.env.FUZZ_RUNS ?? '1'))),
    seed: Number(process.env.FUZZ_SEED ?? '1'),
    endOnFailure: process.env.FUZZ_SHRINK === undefined,
  };
}
