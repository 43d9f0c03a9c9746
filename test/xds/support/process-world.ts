import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { createProxyAuthentication } from '../../../src/auth/authenticate-proxy.ts';
import { createCompiler } from '../../../src/compile/create-compiler.ts';
import { type Snapshot, typeUrls } from '../../../src/compile/snapshot.ts';
import { createMeshCache } from '../../../src/context/mesh-cache.ts';
import { secretReader } from '../../../src/context/secret-reader.ts';
import { ClusterLoadAssignmentSchema } from '../../../src/envoy/gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import type { KumulusError } from '../../../src/model/errors.ts';
import { type Clock, silentLogger } from '../../../src/model/ports.ts';
import { noTelemetry, type Telemetry } from '../../../src/model/telemetry.ts';
import { defaultTenant } from '../../../src/model/tenant.ts';
import { resourceType } from '../../../src/policies/registry.ts';
import { createFeed } from '../../../src/store/create-feed.ts';
import { createHoldings } from '../../../src/store/create-holdings.ts';
import { createInsights } from '../../../src/store/create-insights.ts';
import { createLeases } from '../../../src/store/create-leases.ts';
import { createPropagation } from '../../../src/store/create-propagation.ts';
import { createResourceStore } from '../../../src/store/create-resource-store.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import type { Queues } from '../../../src/store/queues.ts';
import { createWakeUps } from '../../../src/store/wake-ups.ts';
import { ensureTenant } from '../../../src/tenancy/ensure-tenant.ts';
import { newTenantRecord, noQuotas, tenantSettingsSchema } from '../../../src/tenancy/tenant-record.ts';
import { openTenantTable } from '../../../src/tenancy/tenant-table.ts';
import { newSigningKey } from '../../../src/tokens/new-signing-key.ts';
import { createTokens } from '../../../src/tokens/tokens.ts';
import { createAdminCertificateSource } from '../../../src/xds/runtime/admin-certificates.ts';
import { createIdentities } from '../../../src/xds/runtime/identities.ts';
import { createRelay, type Relay } from '../../../src/xds/runtime/relay.ts';
import { whyNotServedBy } from '../../../src/xds/runtime/served-authentication.ts';
import type { ProxySession } from '../../../src/xds/session.ts';
import { testSecretBox } from '../../store/support/secret-box.ts';
import { dataplane, metadata } from '../relay-world.ts';

/** What one process of the cloud has of the table. */
export type ProcessStores = ReturnType<typeof openProcess>;

/** By what processes tell relays of their commits, and the relay that the process is, where it is one. */
export interface ProcessQueues {
  readonly queues: Queues;
  readonly self?: string;
}

/** Opens the stores as a process of the cloud does, with a feed between processes. */
export function openProcess(items: ItemStore, clock: Clock = Date.now, told?: ProcessQueues) {
  const tenants = openTenantTable(items, clock);
  const shared = { items: tenants.items, clock };
  const leases = createLeases(shared);
  const wakeUps = told && createWakeUps({ ...told, leases, clock, logger: silentLogger });
  const feed = createFeed({ ...shared, ids: randomUUID, ...(wakeUps !== undefined && { wakeUps }) });
  const resources = createResourceStore({
    ...shared,
    secretBox: testSecretBox,
    isSecret: (type) => resourceType(type)?.secret === true,
    logger: silentLogger,
    feed,
    quotasOf: tenants.quotasOf,
  });
  return {
    tenants,
    resources,
    feed,
    insights: createInsights({ ...shared, logger: silentLogger }),
    propagation: createPropagation(shared),
    leases,
    queues: told?.queues,
    holdings: createHoldings(tenants.items),
  };
}

/** Making one takes up to half a second, so all tests of a file share it. */
const signingKey = newSigningKey();

/** Makes the tenant `default` with its mesh. */
export async function makeTenant({ resources, tenants }: ProcessStores): Promise<void> {
  const settings = tenantSettingsSchema.parse({});
  await tenants.directory.add(
    newTenantRecord(defaultTenant, { quotas: noQuotas, settings }, Date.now(), 'active'),
  );
  await ensureTenant(
    {
      resources,
      signingKeys: () => signingKey,
      clock: Date.now,
      ids: randomUUID,
      logger: silentLogger,
      zone: 'default',
    },
    defaultTenant,
  );
}

/** A relay in a process of its own. */
export function openRelay(
  id: string,
  { queues, ...stores }: ProcessStores,
  clock: Clock = Date.now,
  telemetry: Telemetry = noTelemetry,
): Promise<Relay> {
  return createRelay({
    ...stores,
    id,
    ...(queues !== undefined && { queue: { queues, name: id } }),
    whyNotServed: whyNotServedBy(stores.tenants.lookup),
    newCompiler: createCompiler,
    authentication: (secrets) => createProxyAuthentication(createTokens({ secrets, clock, ids: randomUUID })),
    zone: 'default',
    identities: createIdentities(clock),
    adminCertificates: createAdminCertificateSource({ resources: stores.resources, clock }),
    clock,
    ids: randomUUID,
    logger: silentLogger,
    telemetry,
    deregistrationDelayMs: 60_000,
  });
}

/** Writes a Dataplane of a service, as an API does. */
export async function putDataplane(
  { resources }: ProcessStores,
  name: string,
  service: string,
  address: string,
  consumes: readonly string[] = [],
): Promise<number> {
  const { networking } = dataplane(name, service, address, consumes) as { readonly networking: object };
  const draft = { type: 'Dataplane', mesh: 'default', name, labels: {}, spec: { networking } };
  const { revisions } = await resources.commit(defaultTenant, [{ kind: 'put', draft }]);
  return revisions.get('default') ?? 0;
}

/** A proxy that is connected to a relay. */
export interface ConnectedProxy {
  readonly session: ProxySession;
  /** The addresses of a service's endpoints, as the proxy was told last. */
  endpoints(service: string): readonly string[];
  /** How often it was told something. */
  readonly told: number;
  /** Why its stream was ended, where it was. */
  readonly ended: KumulusError | undefined;
}

/** A token for the proxy, and its stream; its Dataplane has to be there unless it brings one along. */
export async function connectProxy(
  relay: Relay,
  token: string,
  name: string,
  options: { readonly mesh?: string; readonly document?: object } = {},
): Promise<ConnectedProxy> {
  const session = await relay.open({
    tenant: defaultTenant,
    token,
    mesh: options.mesh ?? 'default',
    name,
    metadata,
    dataplaneResource: options.document && JSON.stringify(options.document),
    protocol: 'delta',
    peer: '127.0.0.1:1',
  });
  let snapshot: Snapshot | undefined;
  let told = 0;
  let ended: KumulusError | undefined;
  session.onSnapshot((newer) => {
    snapshot = newer;
    told += 1;
  });
  session.onEnd((reason) => {
    ended = reason;
    session.close(() => 'lost');
  });
  return {
    session,
    endpoints(service) {
      const encoded = snapshot?.resources[typeUrls.endpoint].get(service);
      return encoded === undefined ? [] : addressesOf(fromBinary(AnySchema, encoded.any).value);
    },
    get told() {
      return told;
    },
    get ended() {
      return ended;
    },
  };
}

/** The addresses in a `ClusterLoadAssignment`, sorted. */
export function addressesOf(value: Uint8Array): readonly string[] {
  const { endpoints } = fromBinary(ClusterLoadAssignmentSchema, value);
  const hosts = endpoints.flatMap(({ lbEndpoints }) =>
    lbEndpoints.map(({ hostIdentifier }) => hostIdentifier),
  );
  return hosts
    .map((host) => (host.case === 'endpoint' ? host.value.address?.address : undefined))
    .map((address) => (address?.case === 'socketAddress' ? address.value.address : ''))
    .sort();
}

/** A token for a proxy of any name in the mesh. */
export async function tokenFor({ resources }: ProcessStores, name: string, clock: Clock = Date.now) {
  const secrets = secretReader(createMeshCache({ store: resources }).read);
  return createTokens({ secrets, clock, ids: randomUUID }).issueDataplane(defaultTenant, {
    claims: { Name: name, Mesh: 'default', Tags: {}, Type: '', Workload: '' },
    validFor: 86_400_000n * 1_000_000n,
  });
}
