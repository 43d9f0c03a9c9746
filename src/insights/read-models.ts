import type { MeshCache } from '../context/mesh-cache.ts';
import type { Clock } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Insights } from '../store/insights.ts';
import type { Leases } from '../store/leases.ts';
import { createSharedRefresh } from '../store/shared-refresh.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import { advance, type MeshModel } from './mesh-model.ts';
import { type ZoneRows, zoneRows } from './zone-proxies.ts';

export interface ReadModelsDeps {
  readonly meshCache: MeshCache;
  readonly insights: Insights;
  readonly leases: Leases;
  readonly clock: Clock;
  /** How many meshes are held; 200 unless told. */
  readonly limit?: number;
}

/**
 * What overviews and counts are made of: kept in memory, and brought up to date by what changed whenever it is read.
 * Nothing is older than the call, but for relays: that one died is known within a second.
 */
export interface ReadModels {
  /** Undefined where there is no such mesh. */
  mesh(tenant: TenantId, mesh: string): Promise<MeshModel | undefined>;
  zones(tenant: TenantId): Promise<ZoneRows>;
  readonly liveness: Liveness;
}

/** Creates the models. Callers at the same time share what is read. */
export function createReadModels(deps: ReadModelsDeps): ReadModels {
  const { meshCache, insights, limit = 200 } = deps;
  const liveness = createLiveness(deps.leases, deps.clock);
  const meshes = createSharedRefresh<MeshModel | undefined>(limit);
  const zones = createSharedRefresh<ZoneRows>(limit);

  const readAll = (tenant: TenantId, mesh: string) =>
    Promise.all([meshCache.read(tenant, mesh), insights.read(tenant, mesh), liveness.prepare()]);

  return {
    mesh: (tenant, mesh) =>
      meshes.read(`${tenant}/${mesh}`, async (before) => {
        const [context, view] = await readAll(tenant, mesh);
        const exists = context.resources.get('Mesh')?.has(mesh) === true;
        return exists ? liveness.judge((alive) => advance(before, context, view, alive)) : undefined;
      }),
    zones: (tenant) =>
      zones.read(tenant, async (before) => {
        const [context, view] = await readAll(tenant, '');
        return liveness.judge((alive) => zoneRows(before, context, view, alive));
      }),
    liveness,
  };
}
