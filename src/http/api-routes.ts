import type { ResourceType } from '../model/resource-type.ts';
import { accessRoleRules } from './access-role-rules.ts';
import { affectedDataplanesRoute } from './affected-dataplanes.ts';
import type { ApiDeps } from './app.ts';
import { applyRoute } from './apply/apply-route.ts';
import { auditRoute } from './audit-route.ts';
import { createChangeWaiter } from './changes/change-waiter.ts';
import { changesRoutes } from './changes/changes-route.ts';
import { type Collection, insightCollection, meshNames, storedCollection } from './collections.ts';
import { dataplaneFilter } from './dataplane-filters.ts';
import { dataplaneLayoutRoute } from './dataplane-layout.ts';
import { dataplaneRules } from './dataplane-rules.ts';
import { notFound, titled } from './errors.ts';
import { eventsRoute } from './events-route.ts';
import { withIdempotency } from './idempotency.ts';
import { indexRoutes } from './index-routes.ts';
import { createInsightLists } from './insight-lists.ts';
import { inspectPolicyRoutes } from './inspect-policy.ts';
import { kriRoute } from './kri-route.ts';
import { type ListDeps, type ListKind, listRoute } from './list-routes.ts';
import { createLiveness } from './liveness.ts';
import { matchedPoliciesRoute } from './matched-policies.ts';
import { meshRules } from './mesh-rules.ts';
import { type OverviewReadDeps, overviewList, overviewRoute } from './overview.ts';
import { createPageCache } from './page-cache.ts';
import { readRoute } from './read-routes.ts';
import type { ApiContext, Route } from './routing.ts';
import { globalSecretRules, secretRules } from './secret-rules.ts';
import { serviceDataplanesRoutes } from './service-dataplanes.ts';
import { serviceHostnamesRoute } from './service-hostnames.ts';
import { publicConfiguration } from './settings.ts';
import { tokenRoutes } from './token-routes.ts';
import { writeRoutes } from './write-routes.ts';
import type { WriteRules } from './write-rules.ts';

/** How many encoded pages are kept; a page of 1,000 overviews is about a megabyte. */
const cachedPages = 32;

const meshPath = '/meshes/:mesh';

/** All endpoints of the API. */
export function apiRoutes(deps: ApiDeps): readonly Route[] {
  const { resources, meshCache, settings, types } = deps;
  const { zone } = settings;
  const liveness = createLiveness(deps.leases, deps.clock);
  const insightLists = createInsightLists(deps.insights);
  const lists: ListDeps = {
    pages: createPageCache(cachedPages),
    meshNames: (tenant) => meshNames(meshCache, tenant),
  };
  const reads: OverviewReadDeps = {
    insights: deps.insights,
    insightLists,
    liveness,
    requireMesh: (context) => requireMesh(deps, context),
  };
  const rules: ReadonlyMap<string, WriteRules> = new Map([
    ['Mesh', meshRules(deps)],
    ['Dataplane', dataplaneRules],
    ['Secret', secretRules],
    ['GlobalSecret', globalSecretRules],
    ['AccessRole', accessRoleRules(types)],
  ]);
  const collections = types.map((type): Collection => {
    const stored = storedCollection(type, resources, meshCache);
    return type.name === 'DataplaneInsight'
      ? insightCollection(stored, deps.insights, insightLists, liveness)
      : stored;
  });
  const waiter = createChangeWaiter({ resources, othersWrite: settings.othersWrite });
  const routes = [
    ...indexRoutes(settings.identity, publicConfiguration(settings), types),
    ...tokenRoutes(deps.tokens, deps.trail),
    auditRoute(deps.audit, types),
    ...changesRoutes({ resources, waiter, types }),
    ...(deps.events === undefined ? [] : [eventsRoute(deps.events, types)]),
    kriRoute(collections, zone),
    applyRoute({ resources, meshCache, rules, zone, types: new Map(types.map((type) => [type.name, type])) }),
    serviceHostnamesRoute(deps),
    // Before `/:name`, which `_overview` could stand for.
    ...collections
      .filter(({ type }) => type.name === 'Dataplane')
      .flatMap((dataplanes) => overviewRoutes(dataplanes, lists, reads)),
    ...collections.flatMap((collection) => {
      const { type } = collection;
      const path = pathOf(type);
      return [
        ...listRoutes(collection, lists),
        readRoute(path, collection, reads),
        ...(type.policy === undefined ? [] : [affectedDataplanesRoute(path, type, deps)]),
        ...inspectPolicyRoutes(path, type, deps),
        ...(type.name === 'Dataplane'
          ? [matchedPoliciesRoute(path, type, deps), dataplaneLayoutRoute(path, type, deps)]
          : []),
        ...(type.name === 'MeshService' ? serviceDataplanesRoutes(path, type, deps) : []),
        ...writeRoutes(path, type, rules.get(type.name) ?? {}, { resources, zone }),
      ];
    }),
  ];
  return withIdempotency(routes, deps.idempotency, deps.logger);
}

function pathOf(type: ResourceType): string {
  return type.scope === 'Mesh' ? `${meshPath}/${type.path}` : `/${type.path}`;
}

/** The list of one mesh and that of all meshes. */
function listRoutes(collection: Collection, deps: ListDeps): readonly Route[] {
  const { type } = collection;
  const kind: ListKind = {
    collection,
    ...(type.name === 'Dataplane' && { filter: dataplaneFilter }),
  };
  const paths = type.scope === 'Mesh' ? [pathOf(type), `/${type.path}`] : [pathOf(type)];
  return paths.map((path) => listRoute(path, kind, deps));
}

/** Dataplanes with their insights, under today's path and the older one. */
function overviewRoutes(dataplanes: Collection, lists: ListDeps, reads: OverviewReadDeps): readonly Route[] {
  const kind = overviewList(dataplanes, reads);
  return [
    ...[meshPath, ''].flatMap((scope) => [
      listRoute(`${scope}/dataplanes/_overview`, kind, lists),
      listRoute(`${scope}/dataplanes+insights`, kind, lists),
    ]),
    overviewRoute(`${meshPath}/dataplanes/:name/_overview`, dataplanes, reads),
    overviewRoute(`${meshPath}/dataplanes+insights/:name`, dataplanes, reads),
  ];
}

async function requireMesh({ resources }: Pick<ApiDeps, 'resources'>, context: ApiContext): Promise<void> {
  const name = context.req.param('mesh');
  if (name === undefined) {
    return;
  }
  const title = 'Failed to retrieve Mesh';
  const key = { type: 'Mesh', mesh: '', name };
  const mesh = await titled(title, () => resources.get(context.get('tenant'), key));
  if (mesh === undefined) {
    throw notFound(title);
  }
}
