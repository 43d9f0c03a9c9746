import type { TenantId } from '../../model/tenant.ts';
import { pagesOf } from '../pages.ts';
import type { ItemStore } from '../port.ts';
import { decodeHead } from './head.ts';
import { dataPartition, globalGeneration, headKey, resourceItemKey } from './keys.ts';

/**
 * How many resources of each type every scope of a tenant has, by mesh; the empty name is what is beside the meshes.
 *
 * @param expected scopes that are likely to be there: they are counted while it is found out which there are.
 */
export async function readCounts(
  items: ItemStore,
  tenant: TenantId,
  expected: Iterable<string> = [],
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const countsOf = async (scopes: readonly string[]) => {
    const heads = await items.batchGet(tenant, scopes.map(headKey));
    return scopes.map((scope, position) => [scope, decodeHead(scope, heads[position]).counts] as const);
  };
  const likely = new Set(['', ...expected]);
  const [scopes, counted] = await Promise.all([readScopes(items, tenant), countsOf([...likely])]);
  const others = scopes.filter((scope) => !likely.has(scope));
  const all = new Map(others.length === 0 ? counted : [...counted, ...(await countsOf(others))]);
  return new Map(scopes.map((scope) => [scope, all.get(scope) ?? {}]));
}

async function readScopes(items: ItemStore, tenant: TenantId): Promise<readonly string[]> {
  const partition = dataPartition('', globalGeneration);
  const { sort: prefix } = resourceItemKey(partition, { type: 'Mesh', name: '' });
  const scopes = [''];
  for await (const page of pagesOf(items, tenant, { partition, prefix })) {
    scopes.push(...page.map(({ sort }) => sort.slice(prefix.length)));
  }
  return scopes;
}
