import { createReadModels } from '../insights/read-models.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { accessRoleRules } from './access-role-rules.ts';
import { affectedDataplanesRoute } from './affected-dataplanes.ts';
import type { ApiDeps } from './app.ts';
import { applyRoute } from './apply/apply-route.ts';
import { auditRoute } from './audit-route.ts';
import { createChangeWaiter } from './changes/change-waiter.ts';
import { changesRoutes } from './changes/changes-route.ts';
import { type Collection, meshNames, storedCollection } from './collections.ts';
import { dataplaneFilter } from './dataplane-filters.ts';
import { dataplaneLayoutRoute } from './dataplane-layout.ts';
import { dataplaneRules } from './dataplane-rules.ts';
import { notFound, titled } from './errors.ts';
import { eventsRoute } from './events-route.ts';
import { withIdempotency } from './idempotency.ts';
import { indexRoutes } from './index-routes.ts';
import { globalInsightRoutes } from './insights/global-insight-routes.ts';
import { insightCollection, insightList } from './insights/insight-collections.ts';
import { inspectPolicyRoutes } from './inspect-policy.ts';
import { kriRoute } from './kri-route.ts';
import { type ListDeps, listRoute, resourceList } from './list-routes.ts';
import { createLongPolls } from './long-polls.ts';
import { matchedPoliciesRoute } from './matched-policies.ts';
import { meshRules } from './mesh-rules.ts';
import { openApiRoutes } from './openapi/openapi-routes.ts';
import { overviewRoutes } from './overviews/overview-routes.ts';
import { createPageCache } from './page-cache.ts';
import { propagationRoute } from './propagation/propagation-route.ts';
import { type ReadDeps, readRoute } from './read-routes.ts';
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
  const models = createReadModels(deps);
  const insights = { models, meshCache, types };
  const lists: ListDeps = {
    pages: createPageCache(cachedPages),
    meshNames: (tenant) => meshNames(meshCache, tenant),
  };
  const reads: ReadDeps = { requireMesh };
  const rules: ReadonlyMap<string, WriteRules> = new Map([
    ['Mesh', meshRules(deps)],
    ['Dataplane', dataplaneRules],
    ['Secret', secretRules],
    ['GlobalSecret', globalSecretRules],
    ['AccessRole', accessRoleRules(types)],
  ]);
  const collections = types.map(
    (type): Collection => insightCollection(type, insights) ?? storedCollection(type, resources, meshCache),
  );
  const polls = createLongPolls({ othersWrite: settings.othersWrite });
  const waiter = createChangeWaiter({ resources, polls });
  const routes = [
    ...indexRoutes(settings.identity, publicConfiguration(settings), types),
    ...tokenRoutes(deps.tokens, deps.trail),
    auditRoute(deps.audit, types),
    ...changesRoutes({ resources, waiter, types }),
    propagationRoute({ propagation: deps.propagation, models, polls, types, clock: deps.clock }),
    ...(deps.events === undefined ? [] : [eventsRoute(deps.events, types)]),
    kriRoute(collections, zone),
    applyRoute({ resources, meshCache, rules, zone, types: new Map(types.map((type) => [type.name, type])) }),
    serviceHostnamesRoute(deps),
    ...globalInsightRoutes({ ...insights, clock: deps.clock }),
    // Before `/:name`, which `_overview` could stand for.
    ...types.flatMap((type) => overviewRoutes(type, { ...reads, models, lists })),
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
  return [
    ...withIdempotency(routes, deps.idempotency, deps.logger),
    ...openApiRoutes(routes, types, settings.identity.version),
  ];
}

function pathOf(type: ResourceType): string {
  return type.scope === 'Mesh' ? `${meshPath}/${type.path}` : `/${type.path}`;
}

/** The list of one mesh and that of all meshes. */
function listRoutes(collection: Collection, deps: ListDeps): readonly Route[] {
  const { type } = collection;
  const kind =
    type.name === 'Dataplane'
      ? resourceList(collection, (query, route) => ({ filter: dataplaneFilter(query, route) }))
      : insightList(collection);
  const paths = type.scope === 'Mesh' ? [pathOf(type), `/${type.path}`] : [pathOf(type)];
  return paths.map((path) => listRoute(path, kind, deps));
}

async function requireMesh(context: ApiContext): Promise<void> {
  const name = context.req.param('mesh');
  if (name === undefined) {
    return;
  }
  const title = 'Failed to retrieve Mesh';
  const { meshes } = await titled(title, context.get('state'));
  if (!meshes.has(name)) {
    throw notFound(title);
  }
}
