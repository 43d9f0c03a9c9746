import type { Clock } from '../../model/ports.ts';

export interface PaceOptions {
  /** Requests that may come at once. */
  readonly burst: number;
  readonly perSecond: number;
  /** A clock in milliseconds that only goes forward. */
  readonly clock: Clock;
}

/**
 * Takes a request; tells for how many milliseconds no further one is to be read, which is 0 for whoever keeps to the
 * pace. A token bucket.
 */
export type Pace = () => number;

/** Makes the pace of one stream. */
export function createPace({ burst, perSecond, clock }: PaceOptions): Pace {
  let left = burst;
  let at = clock();
  return () => {
    const now = clock();
    left = Math.min(burst, left + ((now - at) * perSecond) / 1000) - 1;
    at = now;
    return left >= 0 ? 0 : Math.ceil((-left * 1000) / perSecond);
  };
}
