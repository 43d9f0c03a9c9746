import { KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import { tenantOfHost } from '../../tenancy/tenant-of-host.ts';
import { tenantOfToken } from '../../tokens/token-tenant.ts';
import type { TenantOf } from './tenant.ts';

export interface AddressedTenantOptions {
  /** Tenants are the names right below it; the domain itself is shared, and tokens tell. */
  readonly baseDomain: string;
  /** Who is meant where neither host name nor token tells; nobody where it is absent. */
  readonly defaultTenant: TenantId | undefined;
}

/**
 * Tells whose proxy calls by the host name, on a shared one by the token. Whether there is such a tenant is not looked
 * at: its keys, or that there are none, decide on the token, so that both take the same way.
 */
export function addressedTenant({ baseDomain, defaultTenant }: AddressedTenantOptions): TenantOf {
  return ({ servername, token }) => {
    const byHost =
      servername === undefined || baseDomain === '' ? undefined : tenantOfHost(servername, baseDomain);
    const tenant = byHost ?? (token === undefined ? undefined : tenantOfToken(token)) ?? defaultTenant;
    if (tenant === undefined) {
      throw new KumulusError('unauthenticated', 'neither the host name nor a token says whose proxy this is');
    }
    return tenant;
  };
}
