import { describe, expect, it } from 'vitest';
import { ask, bootstrap, dataplane, networking, request } from './bootstrap.fixture.ts';

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
