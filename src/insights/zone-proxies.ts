import type { MeshContext } from '../context/mesh-context.ts';
import { type InsightsView, type ZoneProxyType, zoneProxyInsightName } from '../store/insights.ts';
import { isRowOf, type ProxyRow, type RelayAlive, rowOf } from './rows.ts';

/** What has overviews and belongs to no mesh. */
export type ZoneRowType = 'Zone' | ZoneProxyType;

/** A tenant's zones and zone proxies, by type and in the order of the names. */
export type ZoneRows = Readonly<Record<ZoneRowType, readonly ProxyRow[]>>;

/**
 * The rows of what is beside the meshes; rows to which nothing happened are those of before. A zone has no streams:
 * none connect to this control plane, which is one itself.
 */
export function zoneRows(
  before: ZoneRows | undefined,
  context: MeshContext,
  { records }: InsightsView,
  alive: RelayAlive,
): ZoneRows {
  const rowsOf = (type: ZoneRowType): readonly ProxyRow[] => {
    const known = new Map(before?.[type].map((row) => [row.resource.name, row]));
    return [...(context.resources.get(type)?.values() ?? [])].map((resource) => {
      const record = type === 'Zone' ? undefined : records.get(zoneProxyInsightName(type, resource.name));
      const row = known.get(resource.name);
      const hasChanged: RelayAlive = (relay) => alive(relay) !== row?.openAt.includes(relay);
      return row !== undefined && isRowOf(row, resource, record, hasChanged)
        ? row
        : rowOf(resource, record, alive);
    });
  };
  return { Zone: rowsOf('Zone'), ZoneIngress: rowsOf('ZoneIngress'), ZoneEgress: rowsOf('ZoneEgress') };
}
