import { KumulusError } from '../../model/errors.ts';
import type { QuotasOf } from '../../store/quotas.ts';
import type { TenantLookup } from '../tenant-lookup.ts';

/**
 * What commits are held to, by the tenant's record: nothing while the tenant is made. Nothing is written to one that is
 * being deleted.
 */
export function commitQuotas(lookup: Pick<TenantLookup, 'find'>): QuotasOf {
  return async (tenant) => {
    const record = await lookup.find(tenant);
    if (record?.state === 'deleting') {
      throw new KumulusError('not_found', `tenant ${JSON.stringify(tenant)} is being deleted`);
    }
    return record === undefined || record.state === 'creating' ? undefined : record.quotas;
  };
}
