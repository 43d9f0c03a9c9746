import type { MeshCache } from '../context/mesh-cache.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { TenantId } from '../model/tenant.ts';
import type { ResourceStore } from '../store/resource-store.ts';

/** Where resources of one type are read. */
export interface Collection {
  readonly type: ResourceType;
  /** What is read is made up of other things, so that its version does not tell whether it changed. */
  readonly isComputed?: boolean;
  find(tenant: TenantId, mesh: string, name: string): Promise<Resource | undefined>;
  /** All of a mesh (of the tenant, for global types) by name, or undefined where there is no such mesh. */
  list(tenant: TenantId, mesh: string): Promise<readonly Resource[] | undefined>;
}

const sortedLists = new WeakMap<ReadonlyMap<string, Resource>, readonly Resource[]>();

/** The values in the order of the names; sorted once for each version of a map. */
export function byName(resources: ReadonlyMap<string, Resource> | undefined): readonly Resource[] {
  if (resources === undefined) {
    return [];
  }
  const known = sortedLists.get(resources);
  if (known !== undefined) {
    return known;
  }
  const sorted = [...resources.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  sortedLists.set(resources, sorted);
  return sorted;
}

/** Reads what is stored: single resources from the table, lists from the mesh that is held in memory. */
export function storedCollection(
  type: ResourceType,
  resources: ResourceStore,
  meshes: MeshCache,
): Collection {
  return {
    type,
    find: (tenant, mesh, name) => resources.get(tenant, { type: type.name, mesh, name }),
    async list(tenant, mesh) {
      const context = await meshes.read(tenant, mesh);
      const exists = mesh === '' || context.resources.get('Mesh')?.has(mesh);
      return exists ? byName(context.resources.get(type.name)) : undefined;
    },
  };
}

/** The names of a tenant's meshes, sorted. */
export async function meshNames(meshes: MeshCache, tenant: TenantId): Promise<readonly string[]> {
  const context = await meshes.read(tenant, '');
  return byName(context.resources.get('Mesh')).map(({ name }) => name);
}
