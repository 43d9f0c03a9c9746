import { inflateRawSync } from 'node:zlib';
import { type TenantId, tenantId } from '../model/tenant.ts';
import { deflated } from './deflate.ts';
import type { Departure, DepartureList, Departures } from './departures.ts';
import { type Item, type ItemKey, type ItemStore, type Operation, type Query, systemOwner } from './port.ts';

/*
 * A list is a few partitions of the system's: <time>/<revision of the mesh's insights>/<tenant>/<mesh>. The revision
 * keeps two entries of a millisecond apart.
 */

/** Partitions of a list; each takes DynamoDB's 1,000 write units a second, and transactions cost double. */
const shards = 4;
const timeDigits = 15;
const revisionDigits = 12;
/** Entries that are read at once, of which one names up to 256 proxies; few at first, as mostly none is due. */
const pageSizes = [2, 100] as const;

/** What an entry says. */
export interface NewDeparture extends Pick<Departure, 'list' | 'tenant' | 'mesh' | 'time' | 'names'> {
  /** Of the mesh's insights, by the write that tells of it. */
  readonly revision: number;
}

function partitionOf(list: DepartureList, shard: number): string {
  return `departures/${list}/${shard}`;
}

/** Any function of the mesh that spreads. */
function shardOf(tenant: TenantId, mesh: string): number {
  return [...`${tenant}/${mesh}`].reduce((sum, one) => sum + (one.codePointAt(0) ?? 0), 0) % shards;
}

function timeText(time: number): string {
  return String(Math.max(0, Math.ceil(time))).padStart(timeDigits, '0');
}

/** The operation that makes an entry, for the transaction that writes the insights. */
export function enterDeparture({ list, tenant, mesh, time, names, revision }: NewDeparture): Operation {
  const sort = `${timeText(time)}/${String(revision).padStart(revisionDigits, '0')}/${tenant}/${mesh}`;
  const value = deflated(JSON.stringify(names));
  const partition = partitionOf(list, shardOf(tenant, mesh));
  return { kind: 'put', owner: systemOwner, item: { partition, sort, version: 1, value } };
}

function decode(list: DepartureList, { sort, value }: Item): Departure {
  const [time = '', , tenant = '', ...mesh] = sort.split('/');
  return {
    list,
    tenant: tenantId(tenant),
    mesh: mesh.join('/'),
    time: Number(time),
    names: JSON.parse(inflateRawSync(Buffer.from(value)).toString()) as readonly string[],
    place: sort,
  };
}

function keyOf({ list, tenant, mesh, place }: Departure): ItemKey {
  return { partition: partitionOf(list, shardOf(tenant, mesh)), sort: place };
}

/** Creates the lists on the table. */
export function createDepartures(items: ItemStore): Departures {
  return {
    async *entries(list, until) {
      // What is above it in the order of texts is later than `until`.
      const end = `${timeText(Math.floor(until))}0`;
      for (let shard = 0; shard < shards; shard += 1) {
        const partition = partitionOf(list, shard);
        let limit: number = pageSizes[0];
        let after: string | undefined = '';
        while (after !== undefined) {
          // At half the price: what is due went long ago.
          const query: Query = { partition, limit, eventual: true, ...(after !== '' && { after }) };
          const page = await items.query(systemOwner, query);
          const due = page.items.filter(({ sort }) => sort < end);
          if (due.length > 0) {
            yield due.map((item) => decode(list, item));
          }
          after = due.length < page.items.length ? undefined : page.next;
          limit = pageSizes[1];
        }
      }
    },
    async settle(departure) {
      await items.transact(systemOwner, [{ kind: 'delete', key: keyOf(departure) }]);
    },
    async postpone(departure, time) {
      const revision = Number(departure.place.split('/')[1]);
      const key = keyOf(departure);
      const moved = enterDeparture({ ...departure, time, revision });
      const isSame = moved.kind === 'put' && moved.item.sort === key.sort;
      await items.transact(systemOwner, isSame ? [moved] : [{ kind: 'delete', key }, moved]);
    },
  };
}
