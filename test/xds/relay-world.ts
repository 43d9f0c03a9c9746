import { randomUUID } from 'node:crypto';
import { openStores, type Stores } from '../../dev/server/stores.ts';
import { createProxyAuthentication } from '../../src/auth/authenticate-proxy.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { createMeshCache } from '../../src/context/mesh-cache.ts';
import { secretReader } from '../../src/context/secret-reader.ts';
import { silentLogger } from '../../src/model/ports.ts';
import type { ProxyMetadata } from '../../src/model/proxy-metadata.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { ensureTenant } from '../../src/tenancy/ensure-tenant.ts';
import { newSigningKey } from '../../src/tokens/new-signing-key.ts';
import { createTokens, type Tokens } from '../../src/tokens/tokens.ts';
import { createAdminCertificateSource } from '../../src/xds/runtime/admin-certificates.ts';
import { createIdentities } from '../../src/xds/runtime/identities.ts';
import { createRelay, type Relay, type RelayDeps } from '../../src/xds/runtime/relay.ts';
import type { StreamHello } from '../../src/xds/session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const metadata: ProxyMetadata = {
  proxyType: 'dataplane',
  adminAddress: '127.0.0.1',
  adminPort: 9901,
  dnsPort: 0,
  readinessPort: 9902,
  workdir: '/tmp/proxy',
  features: new Set(['feature-readiness-unix-socket']),
  systemCaPath: '',
  ipv6Enabled: true,
  metricsCertPath: '',
  metricsKeyPath: '',
  spireSocketPath: '',
  transparentProxy: undefined,
  version: { kumaDp: { version: '2.13.10' } },
  dynamicMetadata: {},
};

/** A tenant with its mesh `default` on a real store, and a relay that serves it, at a time that the test sets. */
export interface RelayWorld {
  readonly stores: Stores;
  readonly tokens: Tokens;
  readonly relay: Relay;
  /** Milliseconds since 1970. */
  now(): number;
  /** Moves the time on. */
  pass(milliseconds: number): void;
  /** A token for a proxy's name. */
  token(name: string, validForMs?: number): Promise<string>;
  hello(name: string, token: string | undefined, dataplane?: object): StreamHello;
  /** Another relay on the same store. */
  anotherRelay(): Promise<Relay>;
  close(): Promise<void>;
}

/** A Dataplane with one HTTP inbound on port 80, and outbounds from port 10001 on. */
export function dataplane(
  name: string,
  service: string,
  address: string,
  consumes: readonly string[] = [],
): object {
  return {
    type: 'Dataplane',
    mesh: 'default',
    name,
    networking: {
      address,
      inbound: [{ port: 80, tags: { 'kuma.io/service': service, 'kuma.io/protocol': 'http' } }],
      outbound: consumes.map((each, index) => ({ port: 10_001 + index, tags: { 'kuma.io/service': each } })),
    },
  };
}

/** Making one takes up to half a second, so all tests of a file share it. */
const signingKey = newSigningKey();

export async function relayWorld(
  options: Pick<RelayDeps, 'whyNotServed' | 'isCrowded'> & { readonly deregistrationDelayMs?: number } = {},
): Promise<RelayWorld> {
  const folder = temporaryFolder();
  let offset = 0;
  const clock = () => Date.now() + offset;
  const ids = randomUUID;
  const logger = silentLogger;
  const stores = await openStores(folder, { clock, ids, logger });
  const { resources } = stores;
  await ensureTenant(
    { resources, signingKeys: () => signingKey, clock, ids, logger, zone: 'default' },
    defaultTenant,
  );
  const meshCache = createMeshCache({ store: resources });
  const tokens = createTokens({ secrets: secretReader(meshCache.read), clock, ids });
  const relays: Relay[] = [];
  const anotherRelay = async () => {
    const relay = await createRelay({
      ...stores,
      id: `relay-${relays.length + 1}`,
      newCompiler: createCompiler,
      authentication: (secrets) => createProxyAuthentication(createTokens({ secrets, clock, ids })),
      zone: 'default',
      identities: createIdentities(clock),
      adminCertificates: createAdminCertificateSource({ resources, clock }),
      clock,
      ids,
      logger,
      deregistrationDelayMs: options.deregistrationDelayMs ?? 1,
      ...(options.whyNotServed !== undefined && { whyNotServed: options.whyNotServed }),
      ...(options.isCrowded !== undefined && { isCrowded: options.isCrowded }),
    });
    relays.push(relay);
    return relay;
  };
  return {
    stores,
    tokens,
    relay: await anotherRelay(),
    now: clock,
    pass(milliseconds) {
      offset += milliseconds;
    },
    token: (name, validForMs = 3_600_000) =>
      tokens.issueDataplane(defaultTenant, {
        claims: { Name: name, Mesh: 'default', Tags: {}, Type: '', Workload: '' },
        validFor: BigInt(validForMs) * 1_000_000n,
      }),
    hello: (name, token, resource) => ({
      tenant: defaultTenant,
      token,
      mesh: 'default',
      name,
      metadata,
      dataplaneResource: resource && JSON.stringify(resource),
      protocol: 'delta',
      peer: '127.0.0.1:1',
    }),
    anotherRelay,
    async close() {
      for (const each of relays) {
        await each.stop();
      }
      await stores.close();
    },
  };
}
