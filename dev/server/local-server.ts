import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { getConnInfo } from '@hono/node-server/conninfo';
import { createIdentification } from '../../src/auth/identify.ts';
import { createOperatorAuthentication, operatorTokenHash } from '../../src/auth/operator.ts';
import { accessStates } from '../../src/context/access-state.ts';
import { createMeshCache } from '../../src/context/mesh-cache.ts';
import { secretReader } from '../../src/context/secret-reader.ts';
import { createApi } from '../../src/http/app.ts';
import { createInjectionApi } from '../../src/http/injection/app.ts';
import { isInjectionPath } from '../../src/http/injection/webhook-path.ts';
import type { ApiContext } from '../../src/http/routing.ts';
import { createTenantFront } from '../../src/http/tenancy/front.ts';
import { createSchedule } from '../../src/jobs/schedule.ts';
import { tenantCare } from '../../src/jobs/tenant-care.ts';
import { injectorEnvironment } from '../../src/kubernetes/injector/environment.ts';
import type { Logger } from '../../src/model/ports.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { createObservability } from '../../src/observability/observability.ts';
import { diagnosticsSettings } from '../../src/observability/settings.ts';
import { resourceType, resourceTypes } from '../../src/policies/registry.ts';
import { createTokenBuckets } from '../../src/tenancy/quotas/token-buckets.ts';
import { noQuotas, type TenantSpec, tenantSettingsSchema } from '../../src/tenancy/tenant-record.ts';
import { flushMs } from '../../src/tenancy/usage.ts';
import { createSigningKeySource, newSigningKey } from '../../src/tokens/new-signing-key.ts';
import { settingsByTenant, tokenSettingsOf } from '../../src/tokens/token-environment.ts';
import { createTokens } from '../../src/tokens/tokens.ts';
import { bootstrapSettings } from '../../src/xds/bootstrap/settings.ts';
import { createRelayService } from '../../src/xds/relay-service.ts';
import { addressedTenant } from '../../src/xds/server/addressed-tenant.ts';
import { startApiServer } from './api-server.ts';
import { readClientCertificates } from './client-certificates.ts';
import { followDeletions } from './deletions.ts';
import type { ServerOptions } from './options.ts';
import { localSettings } from './settings.ts';
import { openStores } from './stores.ts';
import { serverTls } from './tls.ts';

/** A control plane that is up. */
export interface LocalServer {
  readonly apiPort: number;
  readonly apiTlsPort: number | undefined;
  readonly dpPort: number;
  readonly diagnosticsPort: number | undefined;
  readonly caFile: string;
  /** Sends proxies away in step, lets requests end, writes what is not yet written. */
  stop(): Promise<void>;
}

/** The version of Kuma whose behaviour is kept, as `kumactl` compares it with its own. */
const kumaVersion = '2.13.10';

/** The tenant that is served at the root: without limits, and open as Kuma is. */
const localTenant: TenantSpec = {
  quotas: noQuotas,
  settings: tenantSettingsSchema.parse({ access: 'kuma' }),
};

/** Nobody but this process writes; what it has begun for a tenant that is being deleted ends within this time. */
const quarantineMs = 2_000;

/** The id of this control plane, which outlives restarts. */
function clusterId(data: string): string {
  const file = join(data, 'cluster-id');
  if (!existsSync(file)) {
    writeFileSync(file, `${randomUUID()}\n`, { mode: 0o600 });
  }
  return readFileSync(file, 'utf8').trim();
}

/**
 * Starts API, relay and schedules on the embedded store. What was started is stopped again where a later step fails.
 *
 * @throws KumulusError, or the system's error for a port that is taken.
 */
export async function startLocalServer(
  options: ServerOptions,
  environment: NodeJS.ProcessEnv,
  logger: Logger,
): Promise<LocalServer> {
  const settings = localSettings(environment);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) {
      await each();
    }
  };
  try {
    return { ...(await start(options, settings, environment, logger, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: ServerOptions,
  settings: ReturnType<typeof localSettings>,
  environment: NodeJS.ProcessEnv,
  plainLogger: Logger,
  stops: (() => Promise<void>)[],
): Promise<Omit<LocalServer, 'stop'>> {
  const clock = Date.now;
  const ids = randomUUID;
  const { data } = options;
  const id = ids();
  const diagnostics = diagnosticsSettings(environment);
  const observability = createObservability({
    ...diagnostics,
    clock,
    logger: plainLogger,
    instance: id,
  });
  stops.push(observability.stop);
  const { logger, telemetry } = observability;
  const diagnosticsAddress =
    options.diagnosticsPort === undefined
      ? undefined
      : await observability.server.listen(options.diagnosticsPort, diagnostics.address);
  const stores = await openStores(data, { clock, ids, logger, telemetry });
  stops.push(stores.close);
  const { resources, insights, propagation, leases, history } = stores;
  // What the process before has left unpublished; nobody else writes here, so all that there is was left.
  await history.publisher?.sweep(0);

  const tls = await serverTls(data, clock(), [`*.${settings.baseDomain}`, ...settings.extraHosts]);
  const meshCache = createMeshCache({ store: resources });
  const tokenSettings = settingsByTenant(
    tokenSettingsOf(environment, (path) => readFileSync(path, 'utf8')),
    defaultTenant,
  );
  const tokens = createTokens({
    secrets: secretReader(meshCache.read),
    clock,
    ids,
    settings: tokenSettings,
  });
  const peerAddressOf = (context: ApiContext) => getConnInfo(context).remote.address;
  const front = createTenantFront({
    tenants: stores.tenants,
    tokens,
    ensure: { resources, signingKeys: newSigningKey, zone: settings.zone },
    rates: createTokenBuckets(clock),
    authenticateOperator: createOperatorAuthentication({
      tokenHash: operatorTokenHash(environment),
      localhostIsOperator: settings.localhostIsAdmin,
    }),
    peerAddressOf,
    trail: history.trail,
    idempotency: stores.idempotency,
    baseDomain: settings.baseDomain,
    defaultTenant,
    quarantineMs,
    clock,
    ids,
    logger,
  });
  stops.push(front.usage.flush);
  stops.push(followDeletions({ ...stores.tenants, lifeCycle: front.lifeCycle, quarantineMs }));
  const flushing = setInterval(() => void front.usage.flush(), flushMs);
  stops.push(async () => clearInterval(flushing));
  await front.lifeCycle.ensure(defaultTenant, localTenant);

  const relay = await createRelayService({
    id,
    resources,
    insights,
    propagation,
    leases,
    resourceType,
    tls: { cert: tls.certificate, key: tls.key.reveal(), ca: readFileSync(tls.caFile, 'utf8') },
    tenants: stores.tenants.lookup,
    tenantOf: addressedTenant({ baseDomain: settings.baseDomain, defaultTenant }),
    defaultTenant,
    bootstrapSettings: bootstrapSettings(environment),
    zone: settings.zone,
    tokenSettings,
    holdings: stores.holdings,
    liveness: settings.liveness,
    clock,
    ids,
    logger,
    telemetry,
  });
  stops.push(() => {
    observability.health.draining();
    return relay.stop(settings.drainMs);
  });
  const { port: dpPort } = await relay.listen(options.dpPort);
  observability.serving(tls.certificate);

  const clients =
    settings.clientCertsDir === undefined
      ? undefined
      : readClientCertificates(settings.clientCertsDir, clock);
  const identify = createIdentification({
    read: accessStates(meshCache.read),
    tokens,
    localhostIsAdmin: settings.localhostIsAdmin,
    userTokens: settings.userTokens,
    logger,
  });
  const app = createApi({
    resources,
    insights,
    propagation,
    leases,
    meshCache,
    tokens,
    trail: history.trail,
    audit: history.audit,
    idempotency: stores.idempotency,
    events: stores.events,
    signingKeys: createSigningKeySource(),
    types: resourceTypes,
    tenancy: front.tenancy,
    operator: front.operator,
    peerAddressOf,
    ...(clients !== undefined && { certificateOf: clients.of }),
    identify,
    clock,
    ids,
    logger,
    settings: {
      identity: { version: kumaVersion, hostname: hostname(), instanceId: id, clusterId: clusterId(data) },
      zone: settings.zone,
      localhostIsAdmin: settings.localhostIsAdmin,
      anonymousReads: settings.anonymousReads,
      othersWrite: false,
      deltaXds: settings.deltaXds,
      dataplaneCleanupAge: settings.liveness.dataplaneCleanupAge,
    },
  });
  const injector = injectorEnvironment(environment);
  const ownUrl = `https://{tenant}.${settings.baseDomain}:${dpPort}`;
  const webhook = createInjectionApi({
    ...injector,
    controlPlaneUrl: (tenant) => (injector.controlPlaneUrl ?? ownUrl).replaceAll('{tenant}', tenant),
    controlPlaneCaCert: injector.controlPlaneCaCert || readFileSync(tls.caFile, 'utf8'),
    tenancy: front.tenancy,
    peerAddressOf,
    ...(clients !== undefined && { certificateOf: clients.of }),
    identify,
    clock,
    ids,
    logger,
  });
  // In the cloud the gateway tells the two apart by the same path.
  const serve: typeof app.fetch = (request, env) =>
    (isInjectionPath(front.tenancy.addressing(request).path) ? webhook : app).fetch(request, env);
  const api = await startApiServer({ fetch: serve, port: options.apiPort });
  stops.push(() => api.stop(settings.drainMs));
  const apiTls =
    options.apiTlsPort === undefined
      ? undefined
      : await startApiServer({
          fetch: serve,
          port: options.apiTlsPort,
          tls,
          ...(clients !== undefined && { clientAuthorities: clients.authorities }),
        });
  if (apiTls !== undefined) {
    stops.push(() => apiTls.stop(settings.drainMs));
  }

  const schedule = createSchedule(
    {
      ...stores,
      clock,
      logger,
      telemetry,
      liveness: settings.liveness,
      careFor: tenantCare(stores.tenants.lookup),
      removeDeletedTenants: front.lifeCycle.removeDeleted,
      ...(history.publisher !== undefined && { publisher: history.publisher }),
    },
    settings.jobsEveryMs,
  );
  stops.push(schedule.stop);
  return {
    apiPort: api.port,
    apiTlsPort: apiTls?.port,
    dpPort,
    diagnosticsPort: diagnosticsAddress?.port,
    caFile: tls.caFile,
  };
}
