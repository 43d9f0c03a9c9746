import { tenantId } from '../model/tenant.ts';
import type { Holding, Holdings } from './holdings.ts';
import { pagesOf } from './pages.ts';
import { type ItemKey, type ItemStore, systemOwner } from './port.ts';

/** Meshes that are read at once. */
const pageSize = 100;

function partitionOf(relay: string): string {
  return `holdings/${relay}`;
}

function keyOf(relay: string, { tenant, mesh }: Holding): ItemKey {
  return { partition: partitionOf(relay), sort: `${tenant}/${mesh}` };
}

/** Creates the list on the table: a partition of the system's for each relay, an item for each mesh. */
export function createHoldings(items: ItemStore): Holdings {
  return {
    async enter(relay, holding) {
      const item = { ...keyOf(relay, holding), version: 1, value: '' };
      await items.transact(systemOwner, [{ kind: 'put', item }]);
    },
    async *of(relay) {
      const query = { partition: partitionOf(relay), limit: pageSize };
      for await (const page of pagesOf(items, systemOwner, query)) {
        yield page.map(({ sort }) => {
          const [tenant = '', ...mesh] = sort.split('/');
          return { tenant: tenantId(tenant), mesh: mesh.join('/') };
        });
      }
    },
    async settle(relay, holding) {
      await items.transact(systemOwner, [{ kind: 'delete', key: keyOf(relay, holding) }]);
    },
  };
}
