import type { ReadModels } from '../../insights/read-models.ts';
import type { ProxyRow } from '../../insights/rows.ts';
import type { TenantId } from '../../model/tenant.ts';

/** What the overviews of one type of resources are called and made of. */
export interface OverviewKind {
  /** Kuma's name of the type. */
  readonly type: string;
  /** The member that holds what is configured. */
  readonly member: string;
  /** The member that holds what is known of its streams. */
  readonly insightMember: string;
  /** The older path beside `<collection>/_overview`. */
  readonly olderPath: string;
  /** In the order of the names; undefined where there is no such mesh. */
  rows(models: ReadModels, tenant: TenantId, mesh: string): Promise<readonly ProxyRow[] | undefined>;
}

/** The types that have overviews, as in the reference. */
export const overviewKinds: readonly OverviewKind[] = [
  {
    type: 'Dataplane',
    member: 'dataplane',
    insightMember: 'dataplaneInsight',
    olderPath: 'dataplanes+insights',
    rows: async (models, tenant, mesh) => (await models.mesh(tenant, mesh))?.rows,
  },
  {
    type: 'Zone',
    member: 'zone',
    insightMember: 'zoneInsight',
    olderPath: 'zones+insights',
    rows: async (models, tenant) => (await models.zones(tenant)).Zone,
  },
  {
    type: 'ZoneIngress',
    member: 'zoneIngress',
    insightMember: 'zoneIngressInsight',
    olderPath: 'zoneingresses+insights',
    rows: async (models, tenant) => (await models.zones(tenant)).ZoneIngress,
  },
  {
    type: 'ZoneEgress',
    member: 'zoneEgress',
    insightMember: 'zoneEgressInsight',
    olderPath: 'zoneegressoverviews',
    rows: async (models, tenant) => (await models.zones(tenant)).ZoneEgress,
  },
];
