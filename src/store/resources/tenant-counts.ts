import type { TenantId } from '../../model/tenant.ts';
import { pagesOf } from '../pages.ts';
import type { ItemStore } from '../port.ts';
import { decodeHead } from './head.ts';
import { dataPartition, globalGeneration, headKey, resourceItemKey } from './keys.ts';

/** How many resources of each type every scope of a tenant has, by mesh; the empty name is what is beside the meshes. */
export async function readCounts(
  items: ItemStore,
  tenant: TenantId,
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const partition = dataPartition('', globalGeneration);
  const { sort: prefix } = resourceItemKey(partition, { type: 'Mesh', name: '' });
  const scopes = [''];
  for await (const page of pagesOf(items, tenant, { partition, prefix })) {
    scopes.push(...page.map(({ sort }) => sort.slice(prefix.length)));
  }
  const heads = await items.batchGet(tenant, scopes.map(headKey));
  return new Map(scopes.map((scope, position) => [scope, decodeHead(scope, heads[position]).counts]));
}
