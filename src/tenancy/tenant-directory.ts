import { type TenantId, tenantId } from '../model/tenant.ts';
import { pagesOf } from '../store/pages.ts';
import { type ItemStore, systemOwner } from '../store/port.ts';

/** The tenants of a deployment: who may be served, and whom the jobs look after. */
export interface TenantDirectory {
  /** Adds a tenant; nothing happens where it is there. */
  add(tenant: TenantId): Promise<void>;
  has(tenant: TenantId): Promise<boolean>;
  /** All, sorted by name. */
  list(): Promise<readonly TenantId[]>;
  /** Takes a tenant out, so that it is served no more; what it has stays. */
  remove(tenant: TenantId): Promise<void>;
}

const partition = 'tenants';

export function createTenantDirectory(items: ItemStore): TenantDirectory {
  return {
    async add(tenant) {
      const item = { partition, sort: tenant, version: 1, value: '{}' };
      await items.transact(systemOwner, [{ kind: 'put', item }]);
    },
    async has(tenant) {
      return (await items.get(systemOwner, { partition, sort: tenant })) !== undefined;
    },
    async list() {
      const tenants: TenantId[] = [];
      for await (const page of pagesOf(items, systemOwner, { partition })) {
        tenants.push(...page.map(({ sort }) => tenantId(sort)));
      }
      return tenants;
    },
    async remove(tenant) {
      await items.transact(systemOwner, [{ kind: 'delete', key: { partition, sort: tenant } }]);
    },
  };
}
