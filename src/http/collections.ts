import type { MeshCache } from '../context/mesh-cache.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Insights } from '../store/insights.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { insightResource, type RelayAlive } from './insight-json.ts';
import type { InsightLists } from './insight-lists.ts';

/** Where resources of one type are read. */
export interface Collection {
  readonly type: ResourceType;
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

/** Reads insights as the read-only resources that the reference has for them. */
export function insightCollection(
  stored: Collection,
  insights: Insights,
  insightLists: InsightLists,
  liveness: () => Promise<RelayAlive>,
): Collection {
  return {
    type: stored.type,
    async find(tenant, mesh, name) {
      const [insight, alive] = await Promise.all([insights.get(tenant, mesh, name), liveness()]);
      return insight === undefined ? undefined : insightResource(insight, alive);
    },
    async list(tenant, mesh) {
      const [existing, found, alive] = await Promise.all([
        stored.list(tenant, mesh),
        insightLists(tenant, mesh),
        liveness(),
      ]);
      return existing && [...found.values()].map((insight) => insightResource(insight, alive));
    },
  };
}

/** The names of a tenant's meshes, sorted. */
export async function meshNames(meshes: MeshCache, tenant: TenantId): Promise<readonly string[]> {
  const context = await meshes.read(tenant, '');
  return byName(context.resources.get('Mesh')).map(({ name }) => name);
}
