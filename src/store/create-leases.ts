import type { Clock } from '../model/ports.ts';
import type { DeadLease, Leases } from './leases.ts';
import { pagesOf } from './pages.ts';
import { ConditionFailedError, type ItemStore, systemOwner } from './port.ts';

const partition = 'leases';

/**
 * Creates the leases of relays, one item each. One that has run out stays, for it leads to what its relay held, and
 * tells when the relay was last heard of. Its version is the time at which it runs out.
 */
export function createLeases({ items, clock }: { readonly items: ItemStore; readonly clock: Clock }): Leases {
  async function write(relay: string, renewed: number, milliseconds: number): Promise<void> {
    const expires = Math.round(renewed + milliseconds);
    const value = JSON.stringify({ expires, renewed });
    await items.transact(systemOwner, [
      { kind: 'put', item: { partition, sort: relay, version: expires, value } },
    ]);
  }

  async function all(): Promise<readonly DeadLease[]> {
    const leases: DeadLease[] = [];
    for await (const page of pagesOf(items, systemOwner, { partition })) {
      for (const { sort, value } of page) {
        const { expires, renewed } = JSON.parse(String(value)) as Omit<DeadLease, 'relay'>;
        leases.push({ relay: sort, expires, renewed });
      }
    }
    return leases;
  }

  return {
    renew: (relay, milliseconds) => write(relay, clock(), milliseconds),
    release: (relay) => write(relay, clock(), 0),
    async list() {
      const leases = await all();
      return leases
        .filter(({ expires }) => expires > clock())
        .map(({ relay, expires }) => ({ relay, expires }));
    },
    async dead() {
      const leases = await all();
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
