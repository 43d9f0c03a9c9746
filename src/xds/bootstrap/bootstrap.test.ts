import { beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { createAuthority, loadAuthority } from '../../certificates/authority.ts';
import { issueServer } from '../../certificates/issue.ts';
import { KumulusError } from '../../model/errors.ts';
import { silentLogger } from '../../model/ports.ts';
import { keyText, type Resource, type ResourceKey } from '../../model/resource.ts';
import { defaultTenant, tenantId } from '../../model/tenant.ts';
import { dataplaneType } from '../../model/types/dataplane.ts';
import { meshType } from '../../model/types/mesh.ts';
import { type BootstrapLookups, createBootstrap, type TokenQuestion } from './bootstrap.ts';
import { type BootstrapSettings, defaultBootstrapSettings } from './settings.ts';

const answerSchema = z.object({
  bootstrap: z.string(),
  kumaSidecarConfiguration: z.object({
    networking: z.object({ corefileTemplate: z.string().nullable(), address: z.string() }),
    metrics: z.object({ aggregate: z.array(z.unknown()) }),
  }),
});

const networking = { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }] };
const dataplane = { type: 'Dataplane', mesh: 'default', name: 'web-1', networking };
const request = {
  mesh: 'default',
  name: 'web-1',
  dataplaneToken: 'a.b.c',
  dataplaneResource: JSON.stringify(dataplane),
  workdir: '/tmp/dp',
};

let served: { readonly certificate: string; readonly ca: string };

beforeAll(async () => {
  const now = Date.now();
  const lifetime = 60_000;
  const pair = await createAuthority({ kind: 'ec', subject: { commonName: 'ca' }, lifetime, now });
  const hosts = ['cp.example', '127.0.0.1', '::1'];
  const leaf = issueServer({ ca: loadAuthority(pair.certificate, pair.key), hosts, lifetime, now });
  served = { certificate: leaf.certificateChain, ca: pair.certificate };
});

function resource(key: ResourceKey, spec: unknown): Resource {
  const time = '2026-01-01T00:00:00Z';
  return { ...key, labels: {}, creationTime: time, modificationTime: time, version: 1, spec };
}

interface Options {
  readonly settings?: Partial<BootstrapSettings>;
  readonly lookups?: Partial<BootstrapLookups>;
  readonly mesh?: unknown;
  readonly accept?: string;
  readonly host?: string;
}

/** Asks for a bootstrap of a control plane with one mesh and the stored Dataplane `pre`. */
async function ask(
  body: unknown,
  { settings, lookups, mesh = {}, accept, host = 'cp.example' }: Options = {},
) {
  const stored = new Map(
    [
      resource({ type: 'Mesh', mesh: '', name: 'default' }, meshType.schema.parse(mesh)),
      resource(
        { type: 'Dataplane', mesh: 'default', name: 'pre' },
        dataplaneType.schema.parse({ networking }),
      ),
    ].map((each) => [keyText(each), each]),
  );
  const handler = createBootstrap({
    settings: { ...defaultBootstrapSettings, ...settings },
    lookups: {
      get: async (_tenant, key) => stored.get(keyText(key)),
      type: (name) => [dataplaneType, meshType].find((type) => type.name === name),
      certificate: () => served,
      port: () => 5678,
      answersUnchecked: () => true,
      authenticate: async () => {},
      checkToken: async () => {},
      ...lookups,
    },
    logger: silentLogger,
  });
  return handler({
    body: typeof body === 'string' ? body : JSON.stringify(body),
    accept: accept ?? 'application/json',
    host,
    tenantOf: async () => defaultTenant,
  });
}

/** The same, and what it holds. */
async function bootstrap(body: unknown, options: Options = {}) {
  const answer = await ask(body, options);
  expect(answer.status).toBe(200);
  const { bootstrap: encoded, kumaSidecarConfiguration } = answerSchema.parse(JSON.parse(answer.body));
  return { envoy: parseYaml(Buffer.from(encoded, 'base64').toString()), sidecar: kumaSidecarConfiguration };
}

describe('the protocol', () => {
  it.each([
    { deltaXds: true, features: [], apiType: 'DELTA_GRPC' },
    { deltaXds: false, features: [], apiType: 'GRPC' },
    { deltaXds: false, features: ['feature-delta-grpc'], apiType: 'DELTA_GRPC' },
  ])('is $apiType with deltaXds $deltaXds and $features', async ({ deltaXds, features, apiType }) => {
    const { envoy } = await bootstrap({ ...request, features }, { settings: { deltaXds } });
    expect(envoy.dynamicResources.adsConfig.apiType).toBe(apiType);
    expect(envoy.hdsConfig.apiType).toBe('GRPC');
    expect(envoy.node.metadata.features).toEqual(features);
  });
});

describe('tokens', () => {
  it('are judged by what the resource says, whatever the request is called', async () => {
    const questions: TokenQuestion[] = [];
    const checkToken = async (question: TokenQuestion) => void questions.push(question);
    await bootstrap({ ...request, name: 'another' }, { lookups: { checkToken } });
    expect(questions).toEqual([
      {
        tenant: tenantId('default'),
        token: 'a.b.c',
        proxyType: 'dataplane',
        mesh: 'default',
        name: 'web-1',
        dataplane: { networking },
      },
    ]);
  });

  it.each([
    { code: 'unauthenticated', status: 401 },
    { code: 'forbidden', status: 403 },
  ] as const)('that are $code are answered with $status and the reason', async ({ code, status }) => {
    const checkToken = () => Promise.reject(new KumulusError(code, 'token is not good'));
    expect(await ask(request, { lookups: { checkToken } })).toEqual({
      status,
      contentType: 'text/plain; charset=utf-8',
      body: 'token is not good',
    });
    const lax = await ask(request, { lookups: { checkToken }, settings: { checkTokens: 'stream-only' } });
    expect(lax.status).toBe(200);
  });

  it('are not checked where there is only a file of one, which the proxy keeps', async () => {
    const checkToken = () => Promise.reject(new Error('there is none'));
    const body = { ...request, dataplaneToken: '', dataplaneTokenPath: '/token' };
    const { envoy } = await bootstrap(body, { lookups: { checkToken } });
    expect(envoy.dynamicResources.adsConfig.grpcServices).toEqual([
      { envoyGrpc: { clusterName: 'ads_cluster' } },
    ]);
  });

  it('are judged before anything of the tenant is looked at', async () => {
    const looked: string[] = [];
    const lookups = {
      authenticate: () => Promise.reject(new KumulusError('unauthenticated', 'not signed here')),
      get: async () => void looked.push('something'),
    };
    const inMesh = { ...dataplane, mesh: 'ghost' };
    for (const body of [request, { ...request, dataplaneResource: JSON.stringify(inMesh) }]) {
      expect(await ask(body, { lookups })).toMatchObject({ status: 401, body: 'not signed here' });
    }
    expect(looked).toEqual([]);
  });

  it('are to be sent, not only named, to a tenant that others share the address with', async () => {
    const body = { ...request, dataplaneToken: '', dataplaneTokenPath: '/token' };
    expect(await ask(body, { lookups: { answersUnchecked: () => false } })).toMatchObject({ status: 401 });
  });

  it('are needed unless told otherwise', async () => {
    const body = { ...request, dataplaneToken: undefined };
    expect((await ask(body)).status).toBe(422);
    expect((await ask(body, { settings: { dataplaneTokenRequired: false } })).status).toBe(200);
  });

  it('are read from their file by Envoy itself where they may be replaced', async () => {
    const body = { ...request, dataplaneTokenPath: '/token' };
    const { envoy } = await bootstrap(body, { settings: { reloadableTokens: true }, host: '::1' });
    const [service] = envoy.dynamicResources.adsConfig.grpcServices;
    expect(service.googleGrpc.targetUri).toBe('[::1]:5678');
    expect(service.initialMetadata).toBeUndefined();
    expect(service.googleGrpc.callCredentials[0].fromPlugin.typedConfig.secretData).toEqual({
      filename: '/token',
    });
    expect(envoy.staticResources.clusters.map(({ name }: { name: string }) => name)).toEqual([
      'access_log_sink',
    ]);
  });
});

describe('the address of the control plane', () => {
  const adsCluster = (envoy: { staticResources: { clusters: Record<string, unknown>[] } }) =>
    envoy.staticResources.clusters.find(({ name }) => name === 'ads_cluster');

  it.each([
    { host: 'cp.example', type: 'STRICT_DNS', family: undefined, addresses: ['10.0.0.1', '::1'] },
    { host: 'cp.example', type: 'STRICT_DNS', family: 'V4_ONLY', addresses: ['10.0.0.1'] },
    { host: '127.0.0.1', type: 'STATIC', family: undefined, addresses: ['10.0.0.1'] },
    { host: '::1', type: 'STATIC', family: undefined, addresses: [] },
  ])('$host with $addresses', async ({ host, type, family, addresses }) => {
    const { envoy } = await bootstrap(request, { host, lookups: { resolve: async () => addresses } });
    expect(adsCluster(envoy)).toMatchObject({ type, ...(family ? { dnsLookupFamily: family } : {}) });
    expect(adsCluster(envoy)?.dnsLookupFamily).toBe(family);
  });

  it('is told without a family where the name cannot be looked up', async () => {
    const resolve = () => Promise.reject(new Error('no DNS'));
    const { envoy } = await bootstrap(request, { lookups: { resolve } });
    expect(adsCluster(envoy)?.dnsLookupFamily).toBeUndefined();
  });

  it('is another where the settings say so, and then need not be in the certificate', async () => {
    const settings = { xdsHost: 'elsewhere.example', xdsPort: 443, xdsConnectTimeoutMs: 1500 };
    const { envoy } = await bootstrap(request, { settings, host: 'unknown.example' });
    expect(adsCluster(envoy)).toMatchObject({
      connectTimeout: '1.500s',
      loadAssignment: {
        endpoints: [
          {
            lbEndpoints: [
              { endpoint: { address: { socketAddress: { address: 'elsewhere.example', portValue: 443 } } } },
            ],
          },
        ],
      },
    });
  });

  it('must be in the certificate', async () => {
    const answer = await ask(request, { host: 'unknown.example' });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('using "unknown.example" address');
    expect(answer.body).toContain('SANs ["127.0.0.1" "::1" "cp.example"]');
  });
});

describe('the authority', () => {
  const trusted = (envoy: {
    staticResources: { secrets: { validationContext: { trustedCa: { inlineBytes: string } } }[] };
  }) =>
    Buffer.from(
      envoy.staticResources.secrets[0]?.validationContext.trustedCa.inlineBytes ?? '',
      'base64',
    ).toString();

  it('is the one that the proxy trusts already, or else the one that the relay names', async () => {
    expect(trusted((await bootstrap(request)).envoy)).toBe(served.ca);
    const caCert = `# mine\n${served.ca}`;
    expect(trusted((await bootstrap({ ...request, caCert })).envoy)).toBe(caCert);
  });

  it('must be readable', async () => {
    expect(await ask({ ...request, caCert: 'rubbish' })).toEqual({ status: 500, body: '' });
  });
});

describe('a Dataplane', () => {
  it.each([
    {
      note: 'YAML',
      text: 'type: Dataplane\nmesh: default\nname: web-1\nnetworking:\n  address: 1.2.3.4\n  inbound: [{port: 1, tags: {kuma.io/service: web}}]\n',
      status: 200,
    },
    { note: 'no YAML', text: '{{{', status: 500 },
    {
      note: 'YAML that names itself without end',
      text: `a: &a [1]\n${'b: [*a, *a, *a, *a, *a]\n'.repeat(60)}`,
      status: 500,
    },
    { note: 'a list', text: '[]', status: 500 },
    { note: 'nothing', text: 'null', status: 500 },
    { note: 'brackets without end', text: '['.repeat(100_000), status: 500 },
    { note: 'too long a YAML', text: `# ${'x'.repeat(200_000)}`, status: 500 },
    { note: 'another type', text: JSON.stringify({ type: 'Mesh', name: 'x' }), status: 500 },
    { note: 'a field of another kind', text: JSON.stringify({ ...dataplane, networking: 5 }), status: 500 },
    {
      note: 'a rule broken',
      text: JSON.stringify({ ...dataplane, networking: { ...networking, address: '' } }),
      status: 422,
    },
  ])('as $note is answered with $status', async ({ text, status }) => {
    expect((await ask({ ...request, dataplaneResource: text })).status).toBe(status);
  });

  it('that was created beforehand is looked up', async () => {
    const { envoy, sidecar } = await bootstrap({ ...request, name: 'pre', dataplaneResource: '' });
    expect(envoy.node).toMatchObject({ id: 'default.pre', cluster: 'web' });
    expect(envoy.node.metadata['dataplane.resource']).toBeUndefined();
    expect(sidecar.networking).toEqual({ corefileTemplate: null, address: '10.0.0.1' });
    expect(await ask({ ...request, name: 'none', dataplaneResource: '' })).toEqual({ status: 404, body: '' });
  });

  it('under a transparent proxy may name no outbounds', async () => {
    const outbound = [{ port: 1, tags: { 'kuma.io/service': 'db' } }];
    const body = {
      ...request,
      dataplaneResource: JSON.stringify({ ...dataplane, networking: { ...networking, outbound } }),
    };
    const redirect = { inbound: { enabled: true, port: 15006 } };
    expect((await ask(body)).status).toBe(200);
    expect(await ask({ ...body, dataplaneConfig: { redirect } })).toMatchObject({
      status: 422,
      body: 'outbound: should be empty since dataplane is in Transparent Proxying mode',
    });
    const { envoy } = await bootstrap({ ...request, dataplaneConfig: { redirect } });
    expect(envoy.node.metadata.transparentProxy).toEqual({
      ipFamilyMode: 'dualstack',
      redirect: {
        inbound: { enabled: true, port: 15006 },
        outbound: { enabled: false, port: 0 },
        dns: { enabled: false, port: 0 },
      },
    });
  });
});

describe('a built-in gateway', () => {
  const resourceText = JSON.stringify({
    ...dataplane,
    networking: { address: '10.0.0.1', gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'gate' } } },
  });

  it('guards its heap where it knows how large it is', async () => {
    const body = {
      ...request,
      dataplaneResource: resourceText,
      resources: { maxHeapSizeBytes: 268_435_456 },
    };
    const { envoy } = await bootstrap(body, { settings: { gatewayMaxConnections: 9 } });
    const [connections, heap] = envoy.overloadManager.resourceMonitors;
    expect(connections.typedConfig.maxActiveDownstreamConnections).toBe('9');
    expect(heap.typedConfig.maxHeapSizeBytes).toBe('268435456');
    expect(envoy.overloadManager.actions).toEqual([
      {
        name: 'envoy.overload_actions.shrink_heap',
        triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value: 0.95 } }],
      },
      {
        name: 'envoy.overload_actions.stop_accepting_requests',
        triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value: 0.98 } }],
      },
    ]);
  });
});

describe('other settings', () => {
  it('leave out what is off', async () => {
    const { envoy } = await bootstrap(request, { settings: { hdsEnabled: false, adminPort: 0 } });
    expect(envoy.hdsConfig).toBeUndefined();
    expect(envoy.admin).toBeUndefined();
    expect(envoy.node.metadata['dataplane.admin.port']).toBeUndefined();
  });

  it('hand on the Corefile', async () => {
    const { sidecar } = await bootstrap(request, { settings: { corefileTemplate: '.:53 {}' } });
    expect(Buffer.from(sidecar.networking.corefileTemplate ?? '', 'base64').toString()).toBe('.:53 {}');
  });

  it('tell of the probe proxy by its odd name', async () => {
    const { envoy } = await bootstrap({ ...request, appProbeProxyDisabled: true });
    expect(envoy.node.metadata['dataplane.appProbeProxy.enabled']).toBe('true');
  });

  it('cut the path of the access log so that it fits a socket', async () => {
    const { envoy } = await bootstrap({ ...request, workdir: `/${'x'.repeat(200)}` });
    const [{ loadAssignment }] = envoy.staticResources.clusters;
    const { path } = loadAssignment.endpoints[0].lbEndpoints[0].endpoint.address.pipe;
    expect(path).toBe(`/${'x'.repeat(97)}.sock`);
  });
});

describe('the mesh', () => {
  it('gives Envoy the newer names where it has MeshServices only and the proxy knows them', async () => {
    const mesh = { meshServices: { mode: 'Exclusive' } };
    const features = ['feature-unified-resource-naming'];
    const { envoy } = await bootstrap({ ...request, features }, { mesh });
    expect(envoy.staticResources.clusters.map(({ name }: { name: string }) => name)).toEqual([
      'system_access_log_sink',
      'system_ads',
    ]);
    expect(envoy.hdsConfig.grpcServices[0].envoyGrpc).toEqual({ clusterName: 'system_ads' });
    for (const older of [await bootstrap(request, { mesh }), await bootstrap({ ...request, features })]) {
      expect(older.envoy.staticResources.clusters[1].name).toBe('ads_cluster');
    }
  });

  it('names the applications whose metrics are wanted, and the Dataplane has the last word', async () => {
    const aggregate = [
      { name: 'a', port: 1, path: '/a' },
      { name: 'b', port: 2, path: '/b', address: '127.0.0.1' },
      { name: 'c', port: 3, path: '/c', enabled: false },
    ];
    const backend = { name: 'p', type: 'prometheus', conf: { aggregate } };
    const mesh = { metrics: { enabledBackend: 'p', backends: [backend] } };
    const metrics = { type: 'prometheus', conf: { aggregate: [{ name: 'a', port: 9, path: '/own' }] } };
    const body = { ...request, dataplaneResource: JSON.stringify({ ...dataplane, metrics }) };
    expect((await bootstrap(body, { mesh })).sidecar.metrics.aggregate).toEqual([
      { name: 'a', address: '10.0.0.1', port: 9, path: '/own' },
      { name: 'b', address: '127.0.0.1', port: 2, path: '/b' },
    ]);
    expect((await bootstrap(body)).sidecar.metrics.aggregate).toEqual([]);
  });

  it('must be there', async () => {
    const body = { ...request, dataplaneResource: JSON.stringify({ ...dataplane, mesh: 'ghost' }) };
    expect(await ask(body)).toMatchObject({ status: 422, body: 'mesh: mesh "ghost" does not exist' });
  });
});

describe('requests', () => {
  it.each([
    { note: 'no JSON', body: '{', status: 400 },
    { note: 'a list', body: '[]', status: 400 },
    { note: 'a number for a name', body: { ...request, name: 5 }, status: 400 },
    { note: 'a port beyond 32 bits', body: { ...request, dnsPort: 2 ** 32 }, status: 400 },
    { note: 'a fraction of a port', body: { ...request, dnsPort: 1.5 }, status: 400 },
    {
      note: 'an unknown IP family',
      body: { ...request, dataplaneConfig: { ipFamilyMode: 'ipv5' } },
      status: 400,
    },
    { note: 'an unknown kind of proxy', body: { ...request, proxyType: 'tram' }, status: 500 },
    { note: 'no name', body: { ...request, name: '' }, status: 500 },
    {
      note: 'nulls for nothing',
      body: { ...request, version: null, features: null, dnsPort: null },
      status: 200,
    },
  ])('with $note are answered with $status', async ({ body, status }) => {
    const answer = await ask(body);
    expect(answer.status).toBe(status);
    expect(answer.status === 200 || !answer.body.includes('a.b.c')).toBe(true);
  });

  it('are answered in YAML unless they accept JSON', async () => {
    const answer = await ask(request, { accept: '*/*' });
    expect(answer).toMatchObject({ status: 200, contentType: 'text/x-yaml' });
    expect(parseYaml(answer.body).node.id).toBe('default.web-1');
  });

  it('wait for a tenant, and hear of there being none', async () => {
    const lookups = {
      get: () => Promise.reject(new KumulusError('unavailable', 'busy', { retryAfterSeconds: 2 })),
    };
    await expect(ask(request, { lookups })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
