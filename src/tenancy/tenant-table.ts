import type { Clock } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import { createIndexedItems } from '../store/indexed-items.ts';
import type { ItemStore } from '../store/port.ts';
import type { QuotasOf } from '../store/quotas.ts';
import { commitQuotas } from './quotas/commit-quotas.ts';
import { createTenantDirectory, type TenantDirectory } from './tenant-directory.ts';
import { createTenantLookup, type TenantLookup } from './tenant-lookup.ts';
import { tenantSettingsSchema } from './tenant-record.ts';

/** A table that knows its tenants. */
export interface TenantTable {
  /** The table itself, for what removes tenants. */
  readonly table: ItemStore;
  /** The table for everybody else: what is written of a tenant can be found again. */
  readonly items: ItemStore;
  readonly directory: TenantDirectory;
  readonly lookup: TenantLookup;
  readonly quotasOf: QuotasOf;
  /** Tells a tenant from one of the same name that was deleted before, as of some seconds ago. */
  incarnationOf(tenant: TenantId): Promise<string>;
}

/** Opens a table for tenants; nothing is asked of it yet. */
export function openTenantTable(table: ItemStore, clock: Clock): TenantTable {
  const directory = createTenantDirectory(table);
  const lookup = createTenantLookup({ directory, clock });
  const incarnationOf = async (tenant: TenantId) => (await lookup.find(tenant))?.creationTime ?? '';
  return {
    table,
    items: createIndexedItems({ items: table, incarnationOf }),
    directory,
    lookup,
    quotasOf: commitQuotas(lookup),
    incarnationOf,
  };
}

/** How long a tenant's audit records are kept, in days; the default for one without a record. */
export function auditRetention(lookup: Pick<TenantLookup, 'find'>): (tenant: TenantId) => Promise<number> {
  const { auditRetentionDays } = tenantSettingsSchema.parse({});
  return async (tenant) => (await lookup.find(tenant))?.settings.auditRetentionDays ?? auditRetentionDays;
}
