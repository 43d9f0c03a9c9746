import type { ReadModels } from '../../insights/read-models.ts';
import type { ProxyRow } from '../../insights/rows.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { answerJson } from '../answer.ts';
import { notFound, titled } from '../errors.ts';
import { type ListDeps, type ListKind, listRoute } from '../list-routes.ts';
import { findTitle, type ReadDeps } from '../read-routes.ts';
import type { Route } from '../routing.ts';
import { singleOverviewJson } from './overview-json.ts';
import { type OverviewKind, overviewKinds } from './overview-kinds.ts';
import { overviewView } from './overview-query.ts';

export interface OverviewDeps extends ReadDeps {
  readonly models: ReadModels;
  readonly lists: ListDeps;
}

/** `GET` of one resource with what is known of its streams. */
function overviewRoute(path: string, type: ResourceType, kind: OverviewKind, deps: OverviewDeps): Route {
  return {
    method: 'GET',
    path,
    async handle(context) {
      const mesh = context.req.param('mesh') ?? '';
      const name = context.req.param('name') ?? '';
      context.get('access').read(type, mesh, name);
      const [, rows] = await titled(findTitle, () =>
        Promise.all([deps.requireMesh(context), kind.rows(deps.models, context.get('tenant'), mesh)]),
      );
      const row = rows?.find(({ resource }) => resource.name === name);
      if (row === undefined) {
        throw notFound(findTitle);
      }
      return answerJson(context, singleOverviewJson(kind, row));
    },
  };
}

/** The overviews of a type under today's path and the older one; none for types that have none. */
export function overviewRoutes(type: ResourceType, deps: OverviewDeps): readonly Route[] {
  const kind = overviewKinds.find((each) => each.type === type.name);
  if (kind === undefined) {
    return [];
  }
  const list: ListKind<ProxyRow> = {
    type,
    list: (tenant, mesh) => kind.rows(deps.models, tenant, mesh),
    resourceOf: ({ resource }) => resource,
    view: (query, route) => overviewView(kind, query, route),
  };
  const scope = type.scope === 'Mesh' ? '/meshes/:mesh' : '';
  return [...new Set([scope, ''])]
    .flatMap((each) => [`${each}/${type.path}/_overview`, `${each}/${kind.olderPath}`])
    .map((path) => listRoute(path, list, deps.lists))
    .concat([
      overviewRoute(`${scope}/${type.path}/:name/_overview`, type, kind, deps),
      overviewRoute(`${scope}/${kind.olderPath}/:name`, type, kind, deps),
    ]);
}
