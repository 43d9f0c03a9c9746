import type { Resource } from '../model/resource.ts';
import type { Insights } from '../store/insights.ts';
import { answerJson } from './answer.ts';
import type { Collection } from './collections.ts';
import { dataplaneFilter, proxyStatus, wantedStatus } from './dataplane-filters.ts';
import { notFound, titled } from './errors.ts';
import { insightResource, noInsight, type RelayAlive } from './insight-json.ts';
import type { InsightLists } from './insight-lists.ts';
import type { ListKind } from './list-routes.ts';
import { findTitle, type ReadDeps } from './read-routes.ts';
import { overviewJson } from './rendering.ts';
import type { Route } from './routing.ts';

export interface OverviewDeps {
  readonly insights: Insights;
  readonly insightLists: InsightLists;
  readonly liveness: () => Promise<RelayAlive>;
}

/** Lists of Dataplanes with their insights: `dataplanes+insights` and `dataplanes/_overview`. */
export function overviewList(dataplanes: Collection, { insightLists, liveness }: OverviewDeps): ListKind {
  return {
    collection: dataplanes,
    filter: dataplaneFilter,
    async prepare(tenant, meshes, query, route) {
      const status = wantedStatus(query, route);
      const [lists, alive] = await Promise.all([
        Promise.all(meshes.map(async (mesh) => [mesh, await insightLists(tenant, mesh)] as const)),
        liveness(),
      ]);
      const byMesh = new Map(lists);
      const insightOf = ({ mesh, name }: Resource) => byMesh.get(mesh)?.get(name);
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
      const tenant = context.get('tenant');
      const mesh = context.req.param('mesh') ?? '';
      const name = context.req.param('name') ?? '';
      context.get('access').read(dataplanes.type, mesh, name);
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
