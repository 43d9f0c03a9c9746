import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import type { Identify } from '../auth/identify.ts';
import type { MeshCache } from '../context/mesh-cache.ts';
import type { InProcessBus } from '../events/in-process-bus.ts';
import type { Clock, IdSource, Logger } from '../model/ports.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { AuditLog } from '../store/audit/audit-log.ts';
import type { IdempotencyKeys } from '../store/idempotency-keys.ts';
import type { Insights } from '../store/insights.ts';
import type { Leases } from '../store/leases.ts';
import type { Propagation } from '../store/propagation.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { Trail } from '../store/trail.ts';
import type { SigningKeySource } from '../tokens/new-signing-key.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { apiRoutes } from './api-routes.ts';
import { errorResponse } from './errors.ts';
import { knownCaller } from './known-caller.ts';
import type { OperatorApi } from './operator/operator-api.ts';
import { requestLog } from './request-log.ts';
import { type Api, type ApiContext, type ApiEnvironment, mount } from './routing.ts';
import type { ApiSettings } from './settings.ts';
import { type ApiTenancy, createAdmission } from './tenancy/admission.ts';
import { meteredTokens } from './tenancy/metered-tokens.ts';

/** What the API is made of. */
export interface ApiDeps {
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly propagation: Propagation;
  readonly leases: Leases;
  readonly meshCache: MeshCache;
  readonly tokens: Tokens;
  /** What tokens are recorded in; resources are by their store. */
  readonly trail: Trail;
  readonly audit: AuditLog;
  readonly idempotency: IdempotencyKeys;
  /** Where events are published within the process, so that they can be streamed. */
  readonly events?: InProcessBus;
  /** Keys for the tokens of new meshes. */
  readonly signingKeys: SigningKeySource;
  /** The types that are served. */
  readonly types: readonly ResourceType[];
  readonly tenancy: ApiTenancy;
  /** What is below `/tenants` and no tenant's; nothing is there where it is absent. */
  readonly operator?: OperatorApi;
  /** The address at the other end of the socket; undefined where there is none to be had. */
  peerAddressOf(context: ApiContext): string | undefined;
  /** What the server found of a caller's client certificate; nobody has one unless told. */
  certificateOf?(context: ApiContext): 'trusted' | 'untrusted' | undefined;
  readonly identify: Identify;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly settings: ApiSettings;
}

/** Kuma's REST API for all tenants of a deployment, as a Hono app: `app.fetch` serves it anywhere. */
export function createApi(deps: ApiDeps): Hono<ApiEnvironment> {
  const { clock, ids, logger, settings } = deps;
  const { addressing } = deps.tenancy;
  const admission = createAdmission(deps.tenancy, deps.peerAddressOf);
  // Routes are those of one tenant's control plane, whatever its address; links are made from the address.
  // Hono would try its other router first, which finds out that it cannot take these paths only at the first request, and
  // after longer than everything else there takes.
  const api: Api = new Hono<ApiEnvironment>({
    getPath: (request) => addressing(request).path,
    router: new TrieRouter(),
  });
  const { operator } = deps;
  if (operator !== undefined) {
    api.use(async (context, next) => {
      const { req, env } = context;
      return addressing(req.raw).kind === 'operator' ? operator.app.fetch(req.raw, env) : next();
    });
  }
  api.use(requestLog(clock, ids, logger));
  api.use(admission.enter);
  api.use(knownCaller({ ...deps, anonymousReads: settings.anonymousReads }, admission));
  mount(api, apiRoutes({ ...deps, tokens: meteredTokens(deps.tokens, deps.tenancy) }));
  api.onError((error, context) =>
    errorResponse(error, logger, context.get('requestId'), context.get('allowed')),
  );
  return api;
}
