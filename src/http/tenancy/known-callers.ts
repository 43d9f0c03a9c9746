import { createHash } from 'node:crypto';
import type { Caller } from '../../auth/loopback.ts';
import type { TenantId } from '../../model/tenant.ts';

/** Callers whose credential a tenant has taken before. It only tells where a request waits: each is judged anew. */
export interface KnownCallers {
  has(tenant: TenantId, caller: Caller): boolean;
  add(tenant: TenantId, caller: Caller): void;
  delete(tenant: TenantId, caller: Caller): void;
}

/** Creates the list; those that were seen longest ago are forgotten beyond `limit`. */
export function createKnownCallers(limit = 10_000): KnownCallers {
  const known = new Set<string>();
  return {
    has: (tenant, caller) => known.has(nameOf(tenant, caller)),
    add(tenant, caller) {
      const name = nameOf(tenant, caller);
      known.delete(name);
      known.add(name);
      const [oldest] = known;
      if (known.size > limit && oldest !== undefined) {
        known.delete(oldest);
      }
    },
    delete: (tenant, caller) => void known.delete(nameOf(tenant, caller)),
  };
}

/** By what the caller shows, which is not kept as it is, or by where it calls from. */
function nameOf(tenant: TenantId, caller: Caller): string {
  const shown = caller.header('authorization') ?? '';
  return shown === ''
    ? `${tenant}\n${caller.peerAddress ?? ''}`
    : createHash('sha256').update(`${tenant}\n${shown}`).digest('base64');
}
