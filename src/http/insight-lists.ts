import type { TenantId } from '../model/tenant.ts';
import type { Insight, Insights } from '../store/insights.ts';
import { createSharedRefresh } from '../store/shared-refresh.ts';

/** The insights of a mesh, by name of the proxy. What did not change between two reads is the same object. */
export type InsightLists = (tenant: TenantId, mesh: string) => Promise<ReadonlyMap<string, Insight>>;

/** Of how many meshes reads are shared. */
const limit = 50;

/**
 * Reads the insights of meshes. Requests at the same time share a read, and objects that stay the same let what was
 * made of them, such as their JSON, be used again.
 */
export function createInsightLists(insights: Insights): InsightLists {
  const lists = createSharedRefresh<ReadonlyMap<string, Insight>>(limit);
  return (tenant, mesh) =>
    lists.read(`${tenant}/${mesh}`, async () => {
      const found = await insights.list(tenant, mesh);
      return new Map(found.map((insight) => [insight.name, insight]));
    });
}
