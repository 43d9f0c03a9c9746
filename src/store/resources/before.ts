import { keyText, type ResourceKey } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import { isStorableName } from '../limits.ts';
import type { ItemStore } from '../port.ts';
import type { Before } from './commit-draft.ts';
import { decodeHead, type GenerationCache, initialHead, partitionOf, type StoredHead } from './head.ts';
import { dataPartition, headKey, resourceItemKey } from './keys.ts';
import { type StoredResource, storedResource } from './resource-text.ts';

/** Reads heads of one tenant, in the order of the meshes. */
export async function readHeads(
  items: ItemStore,
  generations: GenerationCache,
  tenant: TenantId,
  meshes: readonly string[],
): Promise<readonly StoredHead[]> {
  const storable = meshes.filter(isStorableName);
  const found = await items.batchGet(tenant, storable.map(headKey));
  return meshes.map((mesh) => {
    const position = storable.indexOf(mesh);
    if (position < 0) {
      return initialHead(mesh);
    }
    const head = decodeHead(mesh, found[position]);
    generations.set(tenant, mesh, head.generation);
    return head;
  });
}

/** Reads what a group of commits starts from: in one batch, or in two where the generation of a mesh turns out to be another. */
export async function readBefore(
  items: ItemStore,
  generations: GenerationCache,
  tenant: TenantId,
  scopes: readonly string[],
  keys: readonly ResourceKey[],
): Promise<Before> {
  const guesses = new Map(scopes.map((scope) => [scope, generations.get(tenant, scope)]));
  const itemKeys = keys.map((key) =>
    resourceItemKey(dataPartition(key.mesh, guesses.get(key.mesh) ?? 0), key),
  );
  const found = await items.batchGet(tenant, [...scopes.map(headKey), ...itemKeys]);
  const heads = scopes.map((scope, position) => decodeHead(scope, found[position]));
  const guessed = scopes.every((scope, position) => {
    const head = heads[position];
    return head?.exists !== true || guesses.get(scope) === head.generation;
  });
  if (!guessed) {
    for (const [position, scope] of scopes.entries()) {
      generations.set(tenant, scope, heads[position]?.generation ?? 0);
    }
    return withHeads(items, tenant, scopes, heads, keys);
  }
  return before(
    scopes,
    heads,
    keys,
    found.slice(scopes.length).map((item) => item?.value),
  );
}

async function withHeads(
  items: ItemStore,
  tenant: TenantId,
  scopes: readonly string[],
  heads: readonly StoredHead[],
  keys: readonly ResourceKey[],
): Promise<Before> {
  const byScope = new Map(scopes.map((scope, position) => [scope, heads[position]]));
  const itemKeys = keys.map((key) => {
    const head = byScope.get(key.mesh);
    return resourceItemKey(partitionOf(key.mesh, head ?? { generation: 0 }), key);
  });
  const found = await items.batchGet(tenant, itemKeys);
  return before(
    scopes,
    heads,
    keys,
    found.map((item) => item?.value),
  );
}

function before(
  scopes: readonly string[],
  heads: readonly StoredHead[],
  keys: readonly ResourceKey[],
  values: readonly (string | Uint8Array | undefined)[],
): Before {
  const byScope = new Map<string, StoredHead>();
  const floor = heads[scopes.indexOf('')]?.floor ?? 0;
  const isNew = ({ itemVersion, exists }: StoredHead) => itemVersion === undefined && !exists;
  for (const [position, scope] of scopes.entries()) {
    const head = heads[position];
    if (head !== undefined) {
      byScope.set(scope, isNew(head) ? { ...head, revision: floor } : head);
    }
  }
  const resources = new Map<string, StoredResource>();
  for (const [position, key] of keys.entries()) {
    const value = values[position];
    // What a deleted mesh has left behind, while it is removed, is not there.
    if (value !== undefined && byScope.get(key.mesh)?.exists === true) {
      resources.set(keyText(key), storedResource(String(value)));
    }
  }
  return { heads: byScope, resources };
}
