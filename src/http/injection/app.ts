import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import type { ContainerPatch, InjectorSettings } from '../../kubernetes/injector/settings.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock, IdSource, Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import { meshType } from '../../model/types/mesh.ts';
import { answerJson } from '../answer.ts';
import { readBody } from '../body.ts';
import { errorResponse } from '../errors.ts';
import { type KnownCallerDeps, knownCaller } from '../known-caller.ts';
import { requestLog } from '../request-log.ts';
import { type Api, type ApiEnvironment, type Handler, mount } from '../routing.ts';
import { type ApiTenancy, createAdmission } from '../tenancy/admission.ts';
import { readAdmissionReview } from './admission-review.ts';
import { answerFor } from './inject-pod.ts';
import { injectionPath, withoutTokenInPath } from './webhook-path.ts';

/** What the webhook is made of: the front is that of the API. */
export interface InjectionApiDeps extends Omit<KnownCallerDeps, 'anonymousReads'> {
  readonly tenancy: ApiTenancy;
  readonly settings: InjectorSettings;
  readonly sidecarContainers: boolean;
  readonly adminPort: number;
  readonly containerPatches: ReadonlyMap<string, ContainerPatch>;
  /** Where a tenant's proxies find the relays; undefined where nobody has said so. */
  controlPlaneUrl(tenant: TenantId): string | undefined;
  readonly controlPlaneCaCert: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
}

/**
 * The admission webhook of all tenants, which puts Kuma's sidecar into pods, as a Hono app. Who may read a mesh may have pods injected for
 * it: that there is such a mesh is all that an answer tells beside what the operator has set for everybody.
 */
export function createInjectionApi(deps: InjectionApiDeps): Hono {
  const { clock, ids, logger } = deps;
  const { addressing } = deps.tenancy;
  const admission = createAdmission(deps.tenancy, deps.peerAddressOf);
  const api: Api = new Hono<ApiEnvironment>({
    getPath: (request) => addressing(request).path,
    router: new TrieRouter(),
  });
  api.use(requestLog(clock, ids, logger));
  api.use(admission.enter);
  api.use(knownCaller({ ...deps, anonymousReads: false }, admission));
  mount(
    api,
    [injectionPath, `${injectionPath}/meshes/:mesh`].map((path) => ({
      method: 'POST' as const,
      path,
      handle: injection(deps),
    })),
  );
  api.onError((error, context) =>
    errorResponse(error, logger, context.get('requestId'), context.get('allowed')),
  );
  const front = new Hono({ router: new TrieRouter() });
  front.all('*', ({ req, env }) => api.fetch(withoutTokenInPath(req.raw), env));
  return front;
}

function injection(deps: InjectionApiDeps): Handler {
  const { settings, sidecarContainers, adminPort, containerPatches, controlPlaneCaCert } = deps;
  return async (context) => {
    const request = readAdmissionReview(await readBody(context.req.raw));
    const { meshes } = await context.get('state')();
    const controlPlaneUrl = deps.controlPlaneUrl(context.get('tenant'));
    if (controlPlaneUrl === undefined) {
      throw new KumulusError('unavailable', 'nobody has said where sidecars find the control plane', {
        title: 'Could not inject a sidecar',
      });
    }
    const answer = answerFor(request, context.req.param('mesh'), {
      settings,
      sidecarContainers,
      adminPort,
      containerPatches,
      controlPlaneUrl,
      controlPlaneCaCert,
      hasMesh: (name) => {
        context.get('access').read(meshType, '', name);
        return meshes.has(name);
      },
    });
    return answerJson(context, JSON.stringify(answer));
  };
}
