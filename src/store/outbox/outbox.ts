import { type TenantId, tenantId } from '../../model/tenant.ts';
import { decodeBatch } from '../audit/audit-batch.ts';
import { parsePartSort } from '../audit/audit-keys.ts';
import type { AuditBatch } from '../audit/audit-log.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import { pagesOf } from '../pages.ts';
import { type Item, type ItemKey, type ItemStore, type Operation, systemOwner } from '../port.ts';

/** Records whose events have to be published. */
export interface OutboxEntry {
  readonly key: ItemKey;
  readonly tenant: TenantId;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Where the records are: partition, and prefix of the sort key. */
  readonly partition: string;
  readonly prefix: string;
}

/**
 * What has happened and is not yet known to be published: one small item a transaction, written with it and deleted
 * after publication. It names the audit records, which tell the rest. The items are the system's, in a few partitions,
 * so that what a dead process left is found without asking each tenant, and looking costs the same whatever there is.
 */
export interface Outbox {
  /** The operation that enters a batch of records, for the transaction that writes them. */
  enter(batch: AuditBatch): { readonly operation: Operation; readonly key: ItemKey };
  /** Takes an entry out, once its events are published. */
  remove(key: ItemKey): Promise<void>;
  /** The entries made at `until` or earlier, oldest first within each partition. */
  entries(until: number): AsyncGenerator<OutboxEntry, void, void>;
  /** The records of an entry; none where the tenant's retention is over. */
  records(entry: OutboxEntry): Promise<readonly AuditRecord[]>;
}

/** Partitions; each takes some 500 entries a second of DynamoDB's 1,000 write units, as transactions cost double. */
const shards = 4;
/** An entry that could not be published for so long is dropped, in seconds: two weeks. */
const lifeSeconds = 14 * 86_400;
const timeDigits = 15;

/** Creates the outbox on the table. */
export function createOutbox(items: ItemStore): Outbox {
  return {
    enter({ tenant, id, time, partition, prefix }) {
      const key = {
        partition: `outbox/${shardOf(id)}`,
        sort: `${String(time).padStart(timeDigits, '0')}/${id}`,
      };
      const value = JSON.stringify({ tenant, partition, prefix });
      const expiresAt = Math.ceil(time / 1000) + lifeSeconds;
      return {
        key,
        operation: { kind: 'put', owner: systemOwner, item: { ...key, version: 1, value, expiresAt } },
      };
    },
    async remove(key) {
      await items.transact(systemOwner, [{ kind: 'delete', key }]);
    },
    async *entries(until) {
      for (let shard = 0; shard < shards; shard += 1) {
        yield* entriesOf(items, shard, until);
      }
    },
    async records({ tenant, partition, prefix }) {
      const found: Item[] = [];
      for await (const page of pagesOf(items, tenant, { partition, prefix: `${prefix}/` })) {
        found.push(...page);
      }
      const [first] = found;
      if (first === undefined) {
        return [];
      }
      const { id, time } = parsePartSort(first.sort);
      return decodeBatch(
        id,
        time,
        found.map(({ value }) => Buffer.from(value)),
      );
    },
  };
}

async function* entriesOf(
  items: ItemStore,
  shard: number,
  until: number,
): AsyncGenerator<OutboxEntry, void, void> {
  // At half the price: what is looked for was left long ago. What was published within the last second may be published again.
  const query = { partition: `outbox/${shard}`, limit: 100, eventual: true } as const;
  for await (const page of pagesOf(items, systemOwner, query)) {
    for (const item of page) {
      const entry = decodeEntry(item);
      if (entry.time > until) {
        return;
      }
      yield entry;
    }
  }
}

function decodeEntry({ partition, sort, value }: Item): OutboxEntry {
  const stored = JSON.parse(String(value)) as Readonly<Record<'tenant' | 'partition' | 'prefix', string>>;
  return {
    key: { partition, sort },
    time: Number(sort.slice(0, timeDigits)),
    tenant: tenantId(stored.tenant),
    partition: stored.partition,
    prefix: stored.prefix,
  };
}

/** The shard of a batch: any function of its random id that spreads. */
function shardOf(id: string): number {
  return [...id].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % shards;
}
