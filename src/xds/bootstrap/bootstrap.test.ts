import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { KumulusError } from '../../model/errors.ts';
import { tenantId } from '../../model/tenant.ts';
import { ask, bootstrap, dataplane, networking, request, served } from './bootstrap.fixture.ts';
import type { TokenQuestion } from './bootstrap.ts';

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
