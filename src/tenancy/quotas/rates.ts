import { KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';

/** What is counted and held to a number a second: requests to the API, tokens issued. */
export type Metered = 'requests' | 'tokens';

/** Holds tenants to their rates. */
export interface Rates {
  /**
   * Takes one.
   *
   * @param perSecond the tenant's quota; `null` is no limit, 0 is none at all.
   * @throws KumulusError `too_many_requests`, with the time after which there is one again.
   */
  take(tenant: TenantId, what: Metered, perSecond: number | null): Promise<void>;
}

/** A quota of none is for an operator to raise, which takes its time. */
const noneRetryAfterSeconds = 60;

/** The refusal of one more of `what`. */
export function tooMany(
  what: Metered,
  perSecond: number,
  retryAfterSeconds = noneRetryAfterSeconds,
): KumulusError {
  return new KumulusError('too_many_requests', `the quota is ${perSecond} ${what} a second`, {
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)),
  });
}
