import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { getConnInfo } from '@hono/node-server/conninfo';
import { createUserAuthentication } from '../../src/auth/authenticate-user.ts';
import { createAuthorization } from '../../src/auth/authorize.ts';
import { accessResources } from '../../src/context/access-resources.ts';
import { createMeshCache } from '../../src/context/mesh-cache.ts';
import { secretReader } from '../../src/context/secret-reader.ts';
import { createApi } from '../../src/http/app.ts';
import { createSchedule } from '../../src/jobs/schedule.ts';
import { parseMilliseconds } from '../../src/model/duration.ts';
import type { Logger } from '../../src/model/ports.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { resourceType, resourceTypes } from '../../src/policies/registry.ts';
import { ensureTenant } from '../../src/tenancy/ensure-tenant.ts';
import { createSigningKeySource, newSigningKey } from '../../src/tokens/new-signing-key.ts';
import { createTokens } from '../../src/tokens/tokens.ts';
import { bootstrapSettings } from '../../src/xds/bootstrap/settings.ts';
import { createRelayService } from '../../src/xds/relay-service.ts';
import { startApiServer } from './api-server.ts';
import type { ServerOptions } from './options.ts';
import { localSettings } from './settings.ts';
import { openStores } from './stores.ts';
import { serverTls } from './tls.ts';

/** A control plane that is up. */
export interface LocalServer {
  readonly apiPort: number;
  readonly apiTlsPort: number | undefined;
  readonly dpPort: number;
  readonly caFile: string;
  /** Sends proxies away in step, lets requests end, writes what is not yet written. */
  stop(): Promise<void>;
}

/** The version of Kuma whose behaviour is kept, as `kumactl` compares it with its own. */
const kumaVersion = '2.13.10';

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
  logger: Logger,
  stops: (() => Promise<void>)[],
): Promise<Omit<LocalServer, 'stop'>> {
  const clock = Date.now;
  const ids = randomUUID;
  const { data } = options;
  const stores = await openStores(data, { clock, ids, logger });
  stops.push(stores.close);
  const { resources, insights, leases, feed } = stores;

  const tls = await serverTls(data, clock(), settings.extraHosts);
  await ensureTenant(
    { resources, signingKeys: newSigningKey, clock, ids, logger, zone: settings.zone, access: 'kuma' },
    defaultTenant,
  );
  const meshCache = createMeshCache({ store: resources });
  const tokens = createTokens({ secrets: secretReader(meshCache.read), clock, ids });
  const id = randomUUID();

  const relay = await createRelayService({
    id,
    resources,
    insights,
    leases,
    feed,
    resourceType,
    tls: { cert: tls.certificate, key: tls.key.reveal(), ca: readFileSync(tls.caFile, 'utf8') },
    tenantOf: () => defaultTenant,
    bootstrapSettings: bootstrapSettings(environment),
    zone: settings.zone,
    deregistrationDelayMs: settings.deregistrationDelayMs,
    clock,
    ids,
    logger,
  });
  stops.push(() => relay.stop(settings.drainMs));
  const { port: dpPort } = await relay.listen(options.dpPort);

  const app = createApi({
    resources,
    insights,
    leases,
    meshCache,
    tokens,
    signingKeys: createSigningKeySource(),
    types: resourceTypes,
    tenantOf: () => defaultTenant,
    peerAddressOf: (context) => getConnInfo(context).remote.address,
    authenticate: createUserAuthentication({ tokens, localhostIsAdmin: settings.localhostIsAdmin, logger }),
    authorize: createAuthorization(accessResources(meshCache.read)),
    clock,
    ids,
    logger,
    settings: {
      identity: { version: kumaVersion, hostname: hostname(), instanceId: id, clusterId: clusterId(data) },
      zone: settings.zone,
      localhostIsAdmin: settings.localhostIsAdmin,
      anonymousReads: settings.anonymousReads,
      deltaXds: settings.deltaXds,
      dataplaneCleanupAge: settings.dataplaneCleanupAge,
    },
  });
  const api = await startApiServer({ fetch: app.fetch, port: options.apiPort });
  stops.push(() => api.stop(settings.drainMs));
  const apiTls =
    options.apiTlsPort === undefined
      ? undefined
      : await startApiServer({ fetch: app.fetch, port: options.apiTlsPort, tls });
  if (apiTls !== undefined) {
    stops.push(() => apiTls.stop(settings.drainMs));
  }

  const schedule = createSchedule(
    {
      resources,
      insights,
      leases,
      clock,
      logger,
      cleanUpAgeMs: parseMilliseconds(settings.dataplaneCleanupAge),
      tenants: () => Promise.resolve([defaultTenant]),
    },
    settings.jobsEveryMs,
  );
  stops.push(schedule.stop);
  return { apiPort: api.port, apiTlsPort: apiTls?.port, dpPort, caFile: tls.caFile };
}
