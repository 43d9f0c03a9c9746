import type { TenantId } from '../model/tenant.ts';
import type { Insight, Insights } from '../store/insights.ts';
import { answerJson } from './answer.ts';
import type { Collection } from './collections.ts';
import { dataplaneFilter, proxyStatus, wantedStatus } from './dataplane-filters.ts';
import { notFound, titled } from './errors.ts';
import { insightResource, noInsight, type RelayAlive } from './insight-json.ts';
import type { ListKind } from './list-routes.ts';
import { findTitle, type ReadDeps } from './read-routes.ts';
import { overviewJson } from './rendering.ts';
import type { Route } from './routing.ts';

export interface OverviewDeps {
  readonly insights: Insights;
  readonly liveness: () => Promise<RelayAlive>;
}

function insightKey(mesh: string, name: string): string {
  return `${mesh}/${name}`;
}

async function insightsOf(
  insights: Insights,
  tenant: TenantId,
  meshes: readonly string[],
): Promise<ReadonlyMap<string, Insight>> {
  const lists = await Promise.all(meshes.map((mesh) => insights.list(tenant, mesh)));
  return new Map(lists.flat().map((insight) => [insightKey(insight.mesh, insight.name), insight]));
}

/** Lists of Dataplanes with their insights: `dataplanes+insights` and `dataplanes/_overview`. */
export function overviewList(dataplanes: Collection, { insights, liveness }: OverviewDeps): ListKind {
  return {
    collection: dataplanes,
    filter: dataplaneFilter,
    async prepare(tenant, meshes, query, route) {
      const status = wantedStatus(query, route);
      const [found, alive] = await Promise.all([insightsOf(insights, tenant, meshes), liveness()]);
      const insightOf = (dataplane: { readonly mesh: string; readonly name: string }) =>
        found.get(insightKey(dataplane.mesh, dataplane.name));
      return {
        filter:
          status === undefined
            ? undefined
            : (dataplane) => proxyStatus(dataplane, insightOf(dataplane), alive) === status,
        json(dataplane) {
          const insight = insightOf(dataplane);
          return overviewJson(dataplane, insight && insightResource(insight, alive));
        },
      };
    },
  };
}

export interface OverviewReadDeps extends OverviewDeps, ReadDeps {}

/** `GET` of one Dataplane with its insight. */
export function overviewRoute(path: string, dataplanes: Collection, deps: OverviewReadDeps): Route {
  return {
    method: 'GET',
    path,
    async handle(context) {
      deps.access.readResource(context.get('user'), dataplanes.type);
      const tenant = context.get('tenant');
      const mesh = context.req.param('mesh') ?? '';
      const name = context.req.param('name') ?? '';
      const [, dataplane, insight, alive] = await titled(findTitle, () =>
        Promise.all([
          deps.requireMesh(context),
          dataplanes.find(tenant, mesh, name),
          deps.insights.get(tenant, mesh, name),
          deps.liveness(),
        ]),
      );
      if (dataplane === undefined) {
        throw notFound(findTitle);
      }
      // Unlike in lists, the reference has an empty insight here where there is none.
      const seen = insight === undefined ? noInsight : insightResource(insight, alive);
      return answerJson(context, overviewJson(dataplane, seen));
    },
  };
}
