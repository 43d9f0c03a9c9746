import type { Clock } from '../model/ports.ts';
import type { DeadLease, Leases } from './leases.ts';
import { pagesOf } from './pages.ts';
import { ConditionFailedError, type ItemStore, type Query, systemOwner } from './port.ts';

const partition = 'leases';

/**
 * Creates the leases of relays, one item each. One that has run out stays, for it leads to what its relay held, and
 * tells when the relay was last heard of. Its version is the time at which it runs out.
 */
export function createLeases({ items, clock }: { readonly items: ItemStore; readonly clock: Clock }): Leases {
  async function write(
    relay: string,
    renewed: number,
    milliseconds: number,
    queue: string | undefined,
  ): Promise<void> {
    const expires = Math.round(renewed + milliseconds);
    const value = JSON.stringify({ expires, renewed, queue });
    await items.transact(systemOwner, [
      { kind: 'put', item: { partition, sort: relay, version: expires, value } },
    ]);
  }

  async function all(how: Pick<Query, 'eventual'> = {}): Promise<readonly DeadLease[]> {
    const leases: DeadLease[] = [];
    for await (const page of pagesOf(items, systemOwner, { partition, ...how })) {
      for (const { sort, value } of page) {
        const { expires, renewed, queue } = JSON.parse(String(value)) as Omit<DeadLease, 'relay'>;
        leases.push({ relay: sort, expires, renewed, ...(queue !== undefined && { queue }) });
      }
    }
    return leases;
  }

  return {
    renew: (relay, milliseconds, queue) => write(relay, clock(), milliseconds, queue),
    release: (relay, queue) => write(relay, clock(), 0, queue),
    async list() {
      const leases = await all();
      return leases.filter(({ expires }) => expires > clock()).map(({ renewed: _, ...lease }) => lease);
    },
    async dead() {
      // At half the price: who is dead was not heard of for long, and is buried by its version.
      const leases = await all({ eventual: true });
      return leases.filter(({ expires }) => expires <= clock());
    },
    async bury({ relay, expires }) {
      try {
        await items.transact(systemOwner, [
          { kind: 'delete', key: { partition, sort: relay }, condition: { version: expires } },
        ]);
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) {
          throw error;
        }
      }
    },
  };
}
