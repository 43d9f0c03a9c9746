import type { TenantId } from '../model/tenant.ts';
import type { TenantLookup } from '../tenancy/tenant-lookup.ts';

/** How jobs look after a tenant: what a suspended one has stays as it is. */
export type TenantCare = 'active' | 'suspended' | 'gone';

/** Tells by the records of tenants. What is being deleted is removed as a whole, by others. */
export function tenantCare({ find }: Pick<TenantLookup, 'find'>): (tenant: TenantId) => Promise<TenantCare> {
  return async (tenant) => {
    const record = await find(tenant);
    if (record === undefined || record.state === 'deleting') {
      return 'gone';
    }
    return record.state === 'suspended' ? 'suspended' : 'active';
  };
}
