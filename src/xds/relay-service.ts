import type { AddressInfo } from 'node:net';
import { createProxyAuthentication } from '../auth/authenticate-proxy.ts';
import { createCompiler } from '../compile/create-compiler.ts';
import type { LivenessSettings } from '../model/liveness-settings.ts';
import type { Clock, IdSource, Logger } from '../model/ports.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Telemetry } from '../model/telemetry.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Feed } from '../store/feed.ts';
import type { Holdings } from '../store/holdings.ts';
import type { Insights } from '../store/insights.ts';
import type { Leases } from '../store/leases.ts';
import type { Propagation } from '../store/propagation.ts';
import type { Queues } from '../store/queues.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { TenantLookup } from '../tenancy/tenant-lookup.ts';
import type { TokenSettings } from '../tokens/token-settings.ts';
import { createTokens } from '../tokens/tokens.ts';
import { createBootstrap } from './bootstrap/bootstrap.ts';
import type { BootstrapSettings } from './bootstrap/settings.ts';
import { createAdminCertificateSource } from './runtime/admin-certificates.ts';
import { createIdentities } from './runtime/identities.ts';
import { createRelay } from './runtime/relay.ts';
import { whyNotServedBy } from './runtime/served-authentication.ts';
import { createRelayServer, type TlsMaterial } from './server/relay-server.ts';
import { defaultRelaySettings } from './server/settings.ts';
import type { TenantOf } from './server/tenant.ts';

export interface RelayServiceDeps {
  /** The relay's instance id. */
  readonly id: string;
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly propagation: Propagation;
  readonly leases: Leases;
  /** Where other processes tell of their commits; absent where there are none that write. */
  readonly feed?: Feed;
  /** By what they tell it at once, and the name of this relay's queue; it looks into the feed often where it is absent. */
  readonly queue?: { readonly queues: Queues; readonly name: string };
  /** Finds a type by its name. */
  readonly resourceType: (name: string) => ResourceType | undefined;
  readonly tls: TlsMaterial & { /** What proxies are to trust, in PEM. */ readonly ca: string };
  readonly tenantOf: TenantOf;
  /** Which tenants are served; the streams of one that is no more end within seconds. All are where it is absent. */
  readonly tenants?: Pick<TenantLookup, 'find'>;
  /** Who is meant where neither host name nor token tells; the one whose bootstraps need no token that can be checked. */
  readonly defaultTenant?: TenantId | undefined;
  readonly bootstrapSettings: BootstrapSettings;
  /** The control plane's zone. */
  readonly zone: string;
  /** What the deployment decides of a tenant's tokens; Kuma's defaults unless told. */
  readonly tokenSettings?: (tenant: TenantId) => TokenSettings;
  readonly holdings: Holdings;
  readonly liveness: LivenessSettings;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** Hears what happens; nobody does where it is absent. */
  readonly telemetry?: Telemetry;
}

/** A relay that serves: bootstraps and streams on one TLS port. */
export interface RelayService {
  listen(port: number, host?: string): Promise<AddressInfo>;
  /** Sends the proxies away in step over the grace period (milliseconds), then stops. Deletes no Dataplane. */
  stop(graceMs: number): Promise<void>;
}

/** How often identities that are due to be replaced are forgotten, in milliseconds. */
const sweepMs = 3_600_000;

/** Makes a relay of its parts. */
export async function createRelayService(deps: RelayServiceDeps): Promise<RelayService> {
  const { resources, clock, ids, logger, zone } = deps;
  const tokenSettings = deps.tokenSettings === undefined ? {} : { settings: deps.tokenSettings };
  const identities = createIdentities(clock);
  const sweep = setInterval(identities.sweep, sweepMs);
  sweep.unref();
  const { dataplaneIdleTimeoutMs: idleTimeoutMs } = deps.liveness;
  const relay = await createRelay({
    ...deps,
    deregistrationDelayMs: deps.liveness.deregistrationDelayMs,
    idleTimeoutMs,
    isCrowded: () => server.waiting > 0,
    ...(deps.tenants !== undefined && { whyNotServed: whyNotServedBy(deps.tenants) }),
    newCompiler: createCompiler,
    authentication: (secrets) =>
      createProxyAuthentication(createTokens({ secrets, clock, ids, ...tokenSettings })),
    identities,
    adminCertificates: createAdminCertificateSource({ resources, clock }),
  });
  let port = 0;
  const bootstrap = createBootstrap({
    settings: deps.bootstrapSettings,
    logger,
    lookups: {
      get: resources.get,
      type: deps.resourceType,
      certificate: () => ({ certificate: deps.tls.cert, ca: deps.tls.ca }),
      port: () => port,
      answersUnchecked: (tenant) => tenant === deps.defaultTenant,
      async authenticate({ tenant, token, proxyType, mesh }) {
        const { authentication } = relay;
        await (proxyType === 'dataplane'
          ? authentication.dataplane(tenant, mesh, token)
          : authentication.zoneProxy(tenant, zone, proxyType, token));
      },
      async checkToken({ tenant, token, proxyType, mesh, name, dataplane }) {
        const { authentication } = relay;
        if (proxyType !== 'dataplane') {
          await authentication.zoneProxy(tenant, zone, proxyType, token);
        } else if (dataplane !== undefined) {
          const credential = await authentication.dataplane(tenant, mesh, token);
          credential.requireManage({ mesh, name, labels: {}, spec: dataplane });
        }
      },
    },
  });
  const server = createRelayServer({
    tls: deps.tls,
    sessions: relay,
    health: relay.health,
    bootstrap,
    tenantOf: deps.tenantOf,
    logger,
    settings: {
      // A proxy that is not heard of any more is to be offline within the idle timeout.
      pingMs: Math.min(defaultRelaySettings.pingMs, idleTimeoutMs / 2),
      pingTimeoutMs: Math.min(defaultRelaySettings.pingTimeoutMs, idleTimeoutMs / 2),
    },
    ...(deps.telemetry !== undefined && { telemetry: deps.telemetry }),
  });
  return {
    async listen(wanted, host) {
      const address = await server.listen(wanted, host);
      port = address.port;
      return address;
    },
    async stop(graceMs) {
      clearInterval(sweep);
      relay.drain();
      await server.drain(graceMs);
      await server.close();
      await relay.stop();
    },
  };
}
