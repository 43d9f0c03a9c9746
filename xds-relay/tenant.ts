import { KumulusError } from '../src/model/errors.ts';
import type { TenantId } from '../src/model/tenant.ts';
import { tenantOfHost } from '../src/tenancy/tenant-of-host.ts';
import { tenantOfToken } from '../src/tokens/token-tenant.ts';
import type { TenantOf } from '../src/xds/server/tenant.ts';

export interface RelayTenantOptions {
  readonly baseDomain: string;
  readonly defaultTenant: TenantId | undefined;
  /** Whether there is such a tenant. */
  readonly exists: (tenant: TenantId) => Promise<boolean>;
}

/** How many answers of the directory are remembered; unknown names are asked for again each time. */
const maxKnown = 10_000;

/** Tells the tenant by the host name, on a shared one by the token, and lets in only those that exist. */
export function relayTenantOf({ baseDomain, defaultTenant, exists }: RelayTenantOptions): TenantOf {
  const known = new Set<TenantId>();
  return async ({ servername, token }) => {
    const byHost = servername === undefined ? undefined : tenantOfHost(servername, baseDomain);
    const tenant = byHost ?? (token === undefined ? undefined : tenantOfToken(token)) ?? defaultTenant;
    if (tenant !== undefined && (known.has(tenant) || (await exists(tenant)))) {
      if (known.size < maxKnown) {
        known.add(tenant);
      }
      return tenant;
    }
    throw new KumulusError('not_found', 'there is no control plane under this host name or for this token');
  };
}
