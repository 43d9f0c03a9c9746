import { isStorableName } from '../limits.ts';
import type { ItemStore } from '../port.ts';
import type { Scope } from '../resource-store.ts';
import { decodeHead } from './head.ts';
import { headKey } from './keys.ts';

/** Reads where histories of any tenants stand, or stood a second ago: 0 where there is none. */
export async function readRevisions(items: ItemStore, scopes: readonly Scope[]): Promise<readonly number[]> {
  const storable = scopes.filter(({ mesh }) => isStorableName(mesh));
  const found = await items.peek(storable.map(({ tenant, mesh }) => ({ owner: tenant, ...headKey(mesh) })));
  const heads = new Map(storable.map((scope, position) => [scope, found[position]]));
  return scopes.map((scope) => decodeHead(scope.mesh, heads.get(scope)).revision);
}
