import { Hono } from 'hono';
import type { MeshCache } from '../context/mesh-cache.ts';
import type { Clock, IdSource, Logger } from '../model/ports.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Insights } from '../store/insights.ts';
import type { Leases } from '../store/leases.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { SigningKeySource } from '../tokens/new-signing-key.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { User } from './access.ts';
import { type Collection, insightCollection, meshNames, storedCollection } from './collections.ts';
import { dataplaneFilter } from './dataplane-filters.ts';
import { dataplaneRules } from './dataplane-rules.ts';
import { errorResponse, notFound, titled } from './errors.ts';
import { indexRoutes } from './index-routes.ts';
import { kriRoute } from './kri-route.ts';
import { type ListKind, listRoute } from './list-routes.ts';
import { createLiveness } from './liveness.ts';
import { meshRules } from './mesh-rules.ts';
import { overviewList, overviewRoute } from './overview.ts';
import { createPageCache } from './page-cache.ts';
import { readRoute } from './read-routes.ts';
import { requestLog } from './request-log.ts';
import { type Api, type ApiContext, type ApiEnvironment, mount, type Route } from './routing.ts';
import { secretRules } from './secret-rules.ts';
import { type ApiSettings, publicConfiguration } from './settings.ts';
import { tokenRoutes } from './token-routes.ts';
import { writeRoutes } from './write-routes.ts';
import type { WriteRules } from './write-rules.ts';

export interface ApiDeps {
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly leases: Leases;
  readonly meshCache: MeshCache;
  readonly tokens: Tokens;
  readonly signingKeys: SigningKeySource;
  /** The types that are served. */
  readonly types: readonly ResourceType[];
  /** Whose control plane a request is for. @throws KumulusError `not_found` or `unauthenticated` */
  tenantOf(context: ApiContext): TenantId | Promise<TenantId>;
  /** Who asks. @throws KumulusError `unauthenticated` for a token that is not good. */
  authenticate(tenant: TenantId, context: ApiContext): User | Promise<User>;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly settings: ApiSettings;
}

/** How many encoded pages are kept; a page of 1,000 overviews is about a megabyte. */
const cachedPages = 32;

/** Kuma's REST API for all tenants of a deployment. */
export function createApi(deps: ApiDeps): Hono<ApiEnvironment> {
  const { clock, ids, logger } = deps;
  const api: Api = new Hono<ApiEnvironment>({ strict: false });
  api.use(requestLog(clock, ids, logger));
  api.use(async (context, next) => {
    context.set('tenant', await deps.tenantOf(context));
    context.set('user', await deps.authenticate(context.get('tenant'), context));
    await next();
  });
  mount(api, routesOf(deps));
  api.onError((error, context) => errorResponse(error, logger, context.get('requestId')));
  return api;
}

function routesOf(deps: ApiDeps): readonly Route[] {
  const { resources, insights, meshCache, settings, types } = deps;
  const { anonymous, zone } = settings;
  const liveness = createLiveness(deps.leases, deps.clock);
  const lists = {
    anonymous,
    pages: createPageCache(cachedPages),
    meshNames: (tenant: TenantId) => meshNames(meshCache, tenant),
  };
  const reads = { anonymous, requireMesh: (context: ApiContext) => requireMesh(resources, context) };
  const rules: ReadonlyMap<string, WriteRules> = new Map([
    ['Mesh', meshRules(deps)],
    ['Dataplane', dataplaneRules],
    ['Secret', secretRules],
  ]);

  const collectionOf = (type: ResourceType): Collection =>
    type.name === 'DataplaneInsight'
      ? insightCollection(type, storedCollection(type, resources, meshCache), insights, liveness)
      : storedCollection(type, resources, meshCache);

  const routesOfCollection = (collection: Collection): readonly Route[] => {
    const { type } = collection;
    const path = type.scope === 'Mesh' ? `/meshes/:mesh/${type.path}` : `/${type.path}`;
    const everywhere = type.scope === 'Mesh' ? [`/${type.path}`] : [];
    const kind: ListKind = {
      collection,
      ...(type.name === 'Dataplane' && { filter: dataplaneFilter }),
    };
    const overviews = type.name === 'Dataplane' ? overviewRoutes(collection, ['/meshes/:mesh', '']) : [];
    return [
      ...overviews,
      ...[path, ...everywhere].map((each) => listRoute(each, kind, lists)),
      readRoute(path, collection, reads),
      ...writeRoutes(path, type, rules.get(type.name) ?? {}, { resources, zone }),
    ];
  };

  const overviewRoutes = (dataplanes: Collection, scopes: readonly string[]): readonly Route[] => {
    const kind = overviewList(dataplanes, { insights, liveness });
    const readOverview = { ...reads, insights, liveness };
    return [
      ...scopes.flatMap((scope) => [
        listRoute(`${scope}/dataplanes/_overview`, kind, lists),
        listRoute(`${scope}/dataplanes+insights`, kind, lists),
      ]),
      overviewRoute('/meshes/:mesh/dataplanes/:name/_overview', dataplanes, readOverview),
      overviewRoute('/meshes/:mesh/dataplanes+insights/:name', dataplanes, readOverview),
    ];
  };

  const collections = types.map(collectionOf);
  return [
    ...indexRoutes(settings.identity, publicConfiguration(settings), types),
    ...tokenRoutes(deps.tokens),
    kriRoute(collections, zone, reads),
    ...collections.flatMap(routesOfCollection),
  ];
}

async function requireMesh(resources: ResourceStore, context: ApiContext): Promise<void> {
  const name = context.req.param('mesh');
  if (name === undefined) {
    return;
  }
  const title = 'Failed to retrieve Mesh';
  const mesh = await titled(title, () =>
    resources.get(context.get('tenant'), { type: 'Mesh', mesh: '', name }),
  );
  if (mesh === undefined) {
    throw notFound(title);
  }
}
