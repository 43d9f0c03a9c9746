import type { ProxyAuthentication } from '../../auth/authenticate-proxy.ts';
import { isKumulusError, KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { TenantLookup } from '../../tenancy/tenant-lookup.ts';
import type { TenantRecord } from '../../tenancy/tenant-record.ts';
import { ForeignSignatureError } from '../../tokens/verify-signature.ts';

/** Why a tenant is not served, such as that it was suspended; undefined while it is. */
export type WhyNotServed = (tenant: TenantId) => Promise<KumulusError | undefined>;

/**
 * What every stranger is told: whether there is no such tenant, no such mesh or no such key, or whether the key is
 * another one, is for nobody to know who has not got a token that the tenant has signed.
 */
function strangerRefusal(): KumulusError {
  return new KumulusError(
    'unauthenticated',
    'the token was not signed by this control plane; where its signing key was rotated, generate it anew',
  );
}

/** Tenants that were served last are remembered, so many of them. */
const maxServed = 10_000;
/** After the table could not be reached it is looked for again after so long, in milliseconds, and nobody who is remembered waits for it. */
const retryAfterMs = 5_000;

/**
 * Tells by the records of tenants whether they are served. While the table is gone, those are that were served before:
 * their proxies come back to what the relay holds, and nothing can be written.
 */
export function whyNotServedBy(tenants: Pick<TenantLookup, 'find'>): WhyNotServed {
  const served = new Set<TenantId>();
  /** When the table was last found gone, or looked for after that, on the clock of `performance`; undefined while it answers. */
  let failedAt: number | undefined;

  const isServed = (tenant: TenantId, record: TenantRecord | undefined): boolean => {
    served.delete(tenant);
    if (record?.state !== 'active') {
      return false;
    }
    served.add(tenant);
    const [oldest] = served;
    if (served.size > maxServed && oldest !== undefined) {
      served.delete(oldest);
    }
    return true;
  };

  const look = async (tenant: TenantId): Promise<KumulusError | undefined> => {
    let record: TenantRecord | undefined;
    try {
      record = await tenants.find(tenant);
    } catch (error) {
      if (served.has(tenant) && isKumulusError(error, 'unavailable')) {
        failedAt = performance.now();
        return undefined;
      }
      throw error;
    }
    failedAt = undefined;
    if (isServed(tenant, record)) {
      return undefined;
    }
    return record?.state === 'suspended'
      ? new KumulusError('forbidden', 'this control plane is suspended')
      : strangerRefusal();
  };

  return async (tenant) => {
    if (failedAt === undefined || !served.has(tenant)) {
      return look(tenant);
    }
    if (performance.now() - failedAt >= retryAfterMs) {
      // Whether the table is back is found out while nobody waits for it; who is let in meanwhile is looked at again.
      failedAt = performance.now();
      look(tenant).catch(() => {});
    }
    return undefined;
  };
}

/** Judges tokens, lets in only proxies of tenants that are served, and says the same to all strangers. */
export function servedAuthentication(
  authentication: ProxyAuthentication,
  whyNotServed: WhyNotServed | undefined,
): ProxyAuthentication {
  const served = async <Credential>(tenant: TenantId, judge: () => Promise<Credential>) => {
    try {
      const credential = await judge();
      const reason = await whyNotServed?.(tenant);
      if (reason !== undefined) {
        throw reason;
      }
      return credential;
    } catch (error) {
      const foreign =
        isKumulusError(error, 'unauthenticated') && error.cause instanceof ForeignSignatureError;
      throw foreign ? strangerRefusal() : error;
    }
  };
  return {
    dataplane: (tenant, mesh, token) => served(tenant, () => authentication.dataplane(tenant, mesh, token)),
    zoneProxy: (tenant, zone, scope, token) =>
      served(tenant, () => authentication.zoneProxy(tenant, zone, scope, token)),
  };
}
