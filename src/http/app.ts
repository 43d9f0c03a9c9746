import { Hono } from 'hono';
import type { AuthenticateUser } from '../auth/authenticate-user.ts';
import type { Authorize } from '../auth/request-access.ts';
import { isAnonymous } from '../auth/user.ts';
import type { MeshCache } from '../context/mesh-cache.ts';
import { KumulusError } from '../model/errors.ts';
import type { Clock, IdSource, Logger } from '../model/ports.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Insights } from '../store/insights.ts';
import type { Leases } from '../store/leases.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { SigningKeySource } from '../tokens/new-signing-key.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { apiRoutes } from './api-routes.ts';
import { errorResponse } from './errors.ts';
import { requestAuthor } from './request-author.ts';
import { requestLog } from './request-log.ts';
import { type Api, type ApiContext, type ApiEnvironment, mount } from './routing.ts';
import type { ApiSettings } from './settings.ts';

/** What the API is made of. */
export interface ApiDeps {
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly leases: Leases;
  readonly meshCache: MeshCache;
  readonly tokens: Tokens;
  /** Keys for the tokens of new meshes. */
  readonly signingKeys: SigningKeySource;
  /** The types that are served. */
  readonly types: readonly ResourceType[];
  /**
   * Whose control plane a request is for.
   *
   * @throws KumulusError `not_found` where it is for nobody's.
   */
  tenantOf(context: ApiContext): TenantId | Promise<TenantId>;
  /** The address at the other end of the socket; undefined where there is none to be had. */
  peerAddressOf(context: ApiContext): string | undefined;
  readonly authenticate: AuthenticateUser;
  readonly authorize: Authorize;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly settings: ApiSettings;
}

/** Kuma's REST API for all tenants of a deployment, as a Hono app: `app.fetch` serves it anywhere. */
export function createApi(deps: ApiDeps): Hono<ApiEnvironment> {
  const { clock, ids, logger, settings } = deps;
  const api: Api = new Hono<ApiEnvironment>({ strict: false });
  api.use(requestLog(clock, ids, logger));
  api.use(async (context, next) => {
    const tenant = await deps.tenantOf(context);
    context.set('tenant', tenant);
    const peerAddress = deps.peerAddressOf(context);
    const user = await deps.authenticate(tenant, {
      peerAddress,
      header: (name) => context.req.header(name),
    });
    context.set('user', user);
    context.set('author', requestAuthor(user, peerAddress, context.get('requestId')));
    const access = await deps.authorize(tenant, user);
    context.set('access', access);
    const isNobody = isAnonymous(user) && (!settings.anonymousReads || access.isNobody);
    if (isNobody && context.req.path !== '/') {
      throw new KumulusError('unauthenticated', 'Unauthenticated');
    }
    await next();
  });
  mount(api, apiRoutes(deps));
  api.onError((error, context) => errorResponse(error, logger, context.get('requestId')));
  return api;
}
