import { Hono } from 'hono';
import type { AuthenticateOperator } from '../../auth/operator.ts';
import type { Clock, IdSource, Logger } from '../../model/ports.ts';
import type { IdempotencyKeys } from '../../store/idempotency-keys.ts';
import { systemOwner } from '../../store/port.ts';
import type { Trail } from '../../store/trail.ts';
import type { Tenants } from '../../tenancy/tenants.ts';
import { errorResponse, routingError } from '../errors.ts';
import { withIdempotency } from '../idempotency.ts';
import { openApiRoute } from '../openapi/openapi-routes.ts';
import { operatorDocument } from '../openapi/tenant-operations.ts';
import { requestLog } from '../request-log.ts';
import { type Api, type ApiContext, type ApiEnvironment, mount, type Route } from '../routing.ts';
import { notAuthenticated } from '../tenancy/admission.ts';
import type { Gate } from '../tenancy/gate.ts';
import { createTenantRecords } from './tenant-records.ts';
import { tenantRoutes } from './tenant-routes.ts';

export interface OperatorApiDeps {
  readonly tenants: Tenants;
  readonly authenticate: AuthenticateOperator;
  readonly gate: Gate;
  /** What is done to tenants is recorded in their audit trails. */
  readonly trail: Trail;
  readonly idempotency: IdempotencyKeys;
  peerAddressOf(context: ApiContext): string | undefined;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
}

/** The API of those who run a deployment. */
export interface OperatorApi {
  readonly app: Hono<ApiEnvironment>;
  /** All that it has, each of which takes an operator's credential and no other. */
  readonly routes: readonly Route[];
}

/** Of this API, which is none of Kuma's. */
const version = '1.0.0';

/** The one line in which operators' requests wait, apart from all tenants'. */
const lane = { name: ':operator', stranger: false };

/** Creates the API. To whom no credential would help, it is not there. */
export function createOperatorApi(deps: OperatorApiDeps): OperatorApi {
  const { clock, ids, logger } = deps;
  const app: Api = new Hono<ApiEnvironment>({ strict: false });
  app.use(requestLog(clock, ids, logger));
  app.use(async (context, next) => {
    const verdict = deps.authenticate({
      peerAddress: deps.peerAddressOf(context),
      header: (name) => context.req.header(name),
    });
    if (verdict === 'absent') {
      return routingError(404, context.get('requestId'));
    }
    if (verdict === 'refused') {
      throw notAuthenticated();
    }
    await deps.gate.run(lane, () => next());
    return;
  });
  const records = createTenantRecords(deps.trail, deps.peerAddressOf);
  // All operators have one credential, and so one set of keys.
  const caller = { owner: systemOwner, user: lane.name };
  const described = withIdempotency(
    tenantRoutes(deps.tenants, records),
    deps.idempotency,
    logger,
    () => caller,
  );
  // Before `/tenants/:tenant`, which could stand for it.
  const routes = [openApiRoute(operatorDocument, described, [], version), ...described];
  mount(app, routes);
  app.onError((error, context) => errorResponse(error, logger, context.get('requestId')));
  return { app, routes };
}
