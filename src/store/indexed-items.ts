import type { TenantId } from '../model/tenant.ts';
import { pagesOf } from './pages.ts';
import { type Item, type ItemStore, maxOperations, type Operation, type Owner, systemOwner } from './port.ts';

export interface IndexedItemsDeps {
  readonly items: ItemStore;
  /**
   * Tells a tenant from one of the same name that was deleted before, as of a few seconds ago: what was entered for the
   * one is entered anew for the other.
   */
  readonly incarnationOf: (tenant: TenantId) => Promise<string>;
  /** How many partitions are remembered as entered; 20,000 unless told. */
  readonly limit?: number;
}

/** Where the partitions of a tenant are entered: one item each, without a value. */
const indexPartition = 'partitions';

/**
 * Enters every partition of a tenant that is written to in an index, before the first item is written, so that all of a
 * tenant can be found and removed whoever wrote it. An entry without items does no harm. It costs one read for each
 * partition and process, and one write for each partition.
 */
export function createIndexedItems({ items, incarnationOf, limit = 20_000 }: IndexedItemsDeps): ItemStore {
  const entered = new Set<string>();

  async function enter(tenant: TenantId, partitions: readonly string[]): Promise<void> {
    const incarnation = await incarnationOf(tenant);
    const nameOf = (partition: string) => `${tenant}/${incarnation}/${partition}`;
    const unknown = partitions.filter((partition) => !entered.has(nameOf(partition)));
    if (unknown.length === 0) {
      return;
    }
    const keys = unknown.map((sort) => ({ partition: indexPartition, sort }));
    const found = await items.batchGet(tenant, keys);
    const missing = keys.filter((_, position) => found[position] === undefined);
    if (missing.length > 0) {
      await items.transact(tenant, missing.map(entryOf));
    }
    for (const partition of unknown) {
      entered.add(nameOf(partition));
      const oldest = entered.values().next();
      if (entered.size > limit && oldest.done === false) {
        entered.delete(oldest.value);
      }
    }
  }

  return {
    ...items,
    async transact(owner, operations) {
      if (owner !== systemOwner) {
        const partitions = partitionsOf(operations);
        if (partitions.length > 0) {
          await enter(owner, partitions);
        }
      }
      await items.transact(owner, operations);
    },
  };
}

/** The entries that are there, in pages: the partitions that a tenant has, or has had. */
export async function* partitionsOfTenant(
  items: ItemStore,
  tenant: Owner,
  prefix = '',
): AsyncGenerator<readonly string[], void, void> {
  for await (const page of pagesOf(items, tenant, {
    partition: indexPartition,
    prefix,
    limit: maxOperations,
  })) {
    yield page.map(({ sort }) => sort);
  }
}

/** Takes an entry out of the index. */
export function removeEntry(partition: string): Operation {
  return { kind: 'delete', key: { partition: indexPartition, sort: partition } };
}

function entryOf(key: Pick<Item, 'partition' | 'sort'>): Operation {
  return { kind: 'put', item: { ...key, version: 1, value: '' } };
}

/** The partitions of the tenant's own that operations put something into. */
function partitionsOf(operations: readonly Operation[]): readonly string[] {
  const puts = operations.flatMap((operation) =>
    operation.kind === 'put' && operation.owner === undefined ? [operation.item.partition] : [],
  );
  return [...new Set(puts)];
}
