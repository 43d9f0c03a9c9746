import type { Clock } from '../model/ports.ts';
import type { Lease, Leases } from './leases.ts';
import { pagesOf } from './pages.ts';
import { type ItemStore, systemOwner } from './port.ts';

const partition = 'leases';

/** Creates the leases of relays, one item each. */
export function createLeases({ items, clock }: { readonly items: ItemStore; readonly clock: Clock }): Leases {
  return {
    async renew(relay, milliseconds) {
      const expires = clock() + milliseconds;
      const value = JSON.stringify({ expires });
      const expiresAt = Math.ceil(expires / 1000);
      await items.transact(systemOwner, [
        { kind: 'put', item: { partition, sort: relay, version: 1, value, expiresAt } },
      ]);
    },
    async release(relay) {
      await items.transact(systemOwner, [{ kind: 'delete', key: { partition, sort: relay } }]);
    },
    async list() {
      const leases: Lease[] = [];
      for await (const page of pagesOf(items, systemOwner, { partition })) {
        for (const { sort, value } of page) {
          const { expires } = JSON.parse(String(value)) as Pick<Lease, 'expires'>;
          if (expires > clock()) {
            leases.push({ relay: sort, expires });
          }
        }
      }
      return leases;
    },
  };
}
