import type { Clock } from '../../model/ports.ts';
import { type Rates, tooMany } from './rates.ts';

interface Bucket {
  tokens: number;
  /** When it was last filled up, in milliseconds. */
  filled: number;
}

/** How many seconds' worth a bucket holds: what may come at once after a quiet time. */
const burstSeconds = 2;
/** Buckets at the most; a full one need not be remembered. */
const maxBuckets = 20_000;

/** Rates of a process that is alone, as the local server is: one token bucket for each tenant and kind, exact. */
export function createTokenBuckets(clock: Clock): Rates {
  const buckets = new Map<string, Bucket>();
  return {
    async take(tenant, what, perSecond) {
      if (perSecond === null) {
        return;
      }
      const capacity = perSecond * burstSeconds;
      const key = `${tenant}/${what}`;
      const now = clock();
      const { tokens, filled } = buckets.get(key) ?? { tokens: capacity, filled: now };
      const left = Math.min(capacity, tokens + (Math.max(0, now - filled) / 1_000) * perSecond);
      buckets.delete(key);
      if (left < 1) {
        buckets.set(key, { tokens: left, filled: now });
        throw tooMany(what, perSecond, perSecond === 0 ? undefined : (1 - left) / perSecond);
      }
      buckets.set(key, { tokens: left - 1, filled: now });
      const oldest = buckets.keys().next();
      if (buckets.size > maxBuckets && oldest.done === false) {
        buckets.delete(oldest.value);
      }
    },
  };
}
