import { KumulusError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import { partitionsOfTenant, removeEntry } from './indexed-items.ts';
import { pagesOf } from './pages.ts';
import { ConditionFailedError, type ItemStore, maxOperations, type Operation } from './port.ts';
import { decodeHead, putHead } from './resources/head.ts';
import { globalGeneration, headKey } from './resources/keys.ts';

/** What every partition of a head starts with. */
const headPrefix = headKey('').partition;
const attempts = 10;

/**
 * Removes all items of a tenant, in pages, whoever wrote them; it may be interrupted and called again. What is left is
 * one number, a revision that none of its histories reached, from which a tenant of the same name goes on.
 *
 * @param items the table itself.
 * @param options `keepIndex` leaves the index, for a later call to look again for what others wrote meanwhile; `isOver` is
 *   asked before each page.
 * @returns false where it was over before the end.
 */
export async function removeTenantItems(
  items: ItemStore,
  tenant: TenantId,
  options: { readonly keepIndex: boolean; readonly isOver: () => boolean },
): Promise<boolean> {
  await closeHistories(items, tenant);
  const kept = headKey('').partition;
  for await (const partitions of partitionsOfTenant(items, tenant)) {
    for (const partition of partitions) {
      if (partition !== kept && !(await clear(items, tenant, partition, options.isOver))) {
        return false;
      }
    }
    if (!options.keepIndex && partitions.length > 0) {
      await items.transact(tenant, partitions.map(removeEntry));
    }
  }
  return true;
}

/** Moves the head beside the meshes beyond all heads, with a gap behind it that no log fills. */
async function closeHistories(items: ItemStore, tenant: TenantId): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const floor = (await newestRevision(items, tenant)) + 1;
    const current = decodeHead('', await items.get(tenant, headKey('')));
    if (current.floor === floor - 1 && current.revision === current.floor) {
      return;
    }
    const closed = {
      revision: floor,
      floor,
      counts: {},
      snapshotRevision: 0,
      generation: globalGeneration,
      exists: true,
    };
    try {
      await items.transact(tenant, [putHead('', current, closed)]);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) {
        throw error;
      }
    }
  }
  throw new KumulusError('unavailable', 'the tenant is still being written to', { retryAfterSeconds: 1 });
}

async function newestRevision(items: ItemStore, tenant: TenantId): Promise<number> {
  let newest = decodeHead('', await items.get(tenant, headKey(''))).revision;
  for await (const partitions of partitionsOfTenant(items, tenant, headPrefix)) {
    const meshes = partitions.map((partition) => partition.slice(headPrefix.length));
    const heads = await items.batchGet(tenant, meshes.map(headKey));
    for (const [position, mesh] of meshes.entries()) {
      newest = Math.max(newest, decodeHead(mesh, heads[position]).revision);
    }
  }
  return newest;
}

/** @returns false where it was over before the end. */
async function clear(
  items: ItemStore,
  tenant: TenantId,
  partition: string,
  isOver: () => boolean,
): Promise<boolean> {
  for await (const page of pagesOf(items, tenant, { partition, limit: maxOperations })) {
    if (isOver()) {
      return false;
    }
    await items.transact(
      tenant,
      page.map(({ sort }): Operation => ({ kind: 'delete', key: { partition, sort } })),
    );
  }
  return true;
}
