import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['default']);
  await put('Mesh', '/meshes/ex', { meshServices: { mode: 'Exclusive' } });
  await put('Mesh', '/meshes/plain', {});
});
afterAll(() => api.close());

/** Puts a resource of which the path gives mesh and name. */
async function put(type: string, path: string, members: object, labels?: object): Promise<ApiAnswer> {
  const [, , mesh] = path.split('/');
  const body = {
    type,
    ...(path.split('/').length > 3 && path.startsWith('/meshes/') && { mesh }),
    name: path.split('/').at(-1),
    ...(labels && { labels }),
    ...members,
  };
  return await api.request('PUT', path, { body });
}

async function get(path: string): Promise<unknown> {
  return (await api.request('GET', path)).body;
}

const service = (name: string, spec: object, labels?: object, rest: object = {}) =>
  put('MeshService', `/meshes/ex/meshservices/${name}`, { spec, ...rest }, labels);

describe('a status', () => {
  const status = async (path: string) => Object(await get(path)).status as unknown;

  it.each([
    ['MeshService', 'meshservices', {}, { tls: {}, dataplaneProxies: {} }],
    [
      'MeshMultiZoneService',
      'meshmultizoneservices',
      { selector: { meshService: { matchLabels: { a: 'b' } } }, ports: [{ port: 80 }] },
      {},
    ],
    ['MeshExternalService', 'meshexternalservices', { match: { port: 80 } }, { vip: {} }],
    ['MeshIdentity', 'meshidentities', {}, {}],
    ['Workload', 'workloads', {}, { dataplaneProxies: { connected: 0, healthy: 0, total: 0 } }],
  ])('of a %s is shown and not taken', async (type, collection, spec, expected) => {
    const path = `/meshes/plain/${collection}/s`;
    expect((await put(type, path, { spec })).status).toBe(201);
    const { headers } = await api.request('GET', path);
    expect(await status(path)).toEqual(expected);
    const again = await put(type, path, { spec, status: { vips: [], addresses: [{ hostname: 'x' }] } });
    expect(again.status).toBe(200);
    expect(await status(path)).toEqual(expected);
    expect((await api.request('GET', path)).headers.get('etag')).toBe(headers.get('etag'));
    expect(Object(await get(`/meshes/plain/${collection}`)).items[0].status).toEqual(expected);
  });

  it.each([
    [null, ['status in body must be of type object: "null"']],
    [[], ['status in body must be of type object: "array"']],
    [
      { vips: 5, tls: { status: 'x' } },
      [
        'status.vips in body must be of type array: "number"',
        'status.tls.status in body should be one of [Ready NotReady]',
      ],
    ],
    [
      {
        hostnameGenerators: [
          { hostnameGeneratorRef: {}, conditions: [{ type: '/', status: 'x', reason: '' }] },
        ],
      },
      expect.arrayContaining([
        'status.hostnameGenerators[0].hostnameGeneratorRef.coreName in body is required',
        'status.hostnameGenerators[0].conditions[0].reason in body should be at least 1 chars long',
        'status.hostnameGenerators[0].conditions[0].message in body is required',
      ]),
    ],
  ])('of %j is refused', async (sent, messages) => {
    const answer = await service('refused', {}, undefined, { status: sent });
    const causes = Object(answer.body).causes as { field: string; message: string }[];
    expect([answer.status, causes.map(({ message }) => message)]).toEqual([400, messages]);
    expect(causes.every(({ field }) => field === '')).toBe(true);
  });
});

describe('names', () => {
  it.each(['MeshService', 'MeshExternalService'])('of a %s have room in host names', async (type) => {
    const path = `/meshes/plain/${type.toLowerCase()}s/${'x'.repeat(64)}`;
    const spec = type === 'MeshService' ? {} : { match: { port: 80 } };
    const refused = await put(type, path, { spec });
    expect([refused.status, Object(refused.body).title, Object(refused.body).causes]).toEqual([
      400,
      'Failed to create a resource',
      [{ field: 'name', message: 'must not be longer than 63 characters' }],
    ]);
    const shown = { 'kuma.io/display-name': 'short' };
    expect((await put(type, path, { spec }, shown)).status).toBe(201);
  });

  it('are told of where they are no DNS labels', async () => {
    const { body } = await put('MeshService', '/meshes/plain/meshservices/9.a', { spec: {} });
    expect(Object(body).warnings).toEqual([expect.stringContaining("resource name: '9.a'")]);
  });

  it('of a mesh mean nothing to what is global', async () => {
    const spec = { selector: { meshService: {} }, template: 'x' };
    const path = '/hostnamegenerators/some';
    expect((await put('HostnameGenerator', path, { spec, mesh: 'none' })).status).toBe(201);
    const undecodable = await put('HostnameGenerator', path, { spec, mesh: 5 });
    expect([undecodable.status, Object(undecodable.body).title]).toEqual([400, 'Bad Request']);
    expect(await get(path)).not.toHaveProperty('mesh');
    expect((await api.request('DELETE', path)).status).toBe(200);
  });
});

describe('services', () => {
  const inbound = (port: number, tags: object, members: object = {}) => ({ port, tags, ...members });

  beforeAll(async () => {
    await service('one', {
      selector: { dataplaneTags: { app: 'a' } },
      ports: [{ port: 80, name: 'web', appProtocol: 'http' }, { port: 81 }, { port: 82, targetPort: 'x' }],
    });
    await service(
      'two',
      { selector: { dataplaneRef: { name: 'd1' } }, ports: [{ port: 90 }] },
      { team: 'x' },
    );
    await service('all', { selector: { dataplaneTags: {} } });
    await service('none', {});
    const multi = {
      selector: { meshService: { matchLabels: { team: 'x' } } },
      ports: [{ port: 99, name: 'n' }],
    };
    await put('MeshMultiZoneService', '/meshes/ex/meshmultizoneservices/mz', { spec: multi });
    await put('MeshExternalService', '/meshes/ex/meshexternalservices/pay', {
      spec: { match: { port: 443, protocol: 'http' } },
    });
    const a = { 'kuma.io/service': 'a', app: 'a' };
    const dataplanes = {
      d1: {
        inbound: [
          inbound(8080, { ...a, 'kuma.io/protocol': 'HTTP' }, { name: 'web' }),
          inbound(81, { 'kuma.io/service': 'b' }),
        ],
        outbound: [{ port: 1, tags: { 'kuma.io/service': 'q' } }],
      },
      d2: {
        inbound: [inbound(8080, a, { state: 'Ignored' })],
        outbound: [
          { port: 1, backendRef: { kind: 'MeshService', name: 'one', port: 81 } },
          { port: 2, backendRef: { kind: 'MeshService', name: 'gone', port: 81 } },
          { port: 3, backendRef: { kind: 'MeshService', labels: { team: 'x' }, port: 1234 } },
          { port: 4, backendRef: { kind: 'MeshMultiZoneService', name: 'mz', port: 99 } },
        ],
      },
      d3: {
        gateway: { tags: a },
        transparentProxying: {
          redirectPortInbound: 15_006,
          redirectPortOutbound: 15_001,
          reachableBackends: {},
        },
      },
      d4: {
        inbound: [inbound(8080, { 'kuma.io/service': 'b' })],
        transparentProxying: {
          redirectPortInbound: 15_006,
          redirectPortOutbound: 15_001,
          reachableBackends: {
            refs: [
              { kind: 'MeshService', name: 'one' },
              { kind: 'MeshService', name: 'one', port: 80 },
              { kind: 'MeshExternalService', name: 'pay', port: 1 },
            ],
          },
        },
      },
    };
    for (const [name, networking] of Object.entries(dataplanes)) {
      const members = { networking: { address: '10.0.0.1', ...networking } };
      const { text } = await put('Dataplane', `/meshes/ex/dataplanes/${name}`, members);
      expect(text).toBe('{}');
    }
  });

  it.each([
    ['one', ['d1', 'd2', 'd3']],
    ['two', ['d1']],
    ['all', ['d1', 'd2', 'd3', 'd4']],
    ['none', []],
  ])('%s is made up of %j', async (name, expected) => {
    for (const part of ['_dataplanes', '_resources/dataplanes']) {
      const list = await api.request('GET', `/meshes/ex/meshservices/${name}/${part}`);
      expect([api.names(list), Object(list.body).total]).toEqual([expected, expected.length]);
    }
  });

  it('tell of their Dataplanes page by page, by a part of the name', async () => {
    const path = '/meshes/ex/meshservices/one/_dataplanes';
    expect(await get(`${path}?size=1&offset=1`)).toEqual({
      items: [
        {
          type: 'Dataplane',
          mesh: 'ex',
          name: 'd2',
          labels: expect.objectContaining({ 'kuma.io/proxy-type': 'sidecar' }),
        },
      ],
      next: `http://localhost:5681${path}?offset=2&size=1`,
      total: 3,
    });
    expect(api.names(await api.request('GET', `${path}?name=3`))).toEqual(['d3']);
  });

  it.each([
    ['/meshes/ex/meshservices/gone/_dataplanes', 404, 'Could not retrieve policy'],
    ['/meshes/gone/meshservices/one/_dataplanes', 404, 'Could not retrieve policy'],
    ['/meshes/ex/meshservices/one/_dataplanes?size=x', 400, 'Could not retrieve policy'],
    ['/meshes/ex/dataplanes/gone/_layout', 404, 'Failed to retrieve Dataplane'],
    ['/meshes/plain/dataplanes/gone/_layout', 400, 'Bad Request'],
    ['/meshes/gone/dataplanes/d1/_layout', 404, 'Failed to retrieve Mesh'],
    ['/meshes/ex/meshservices/gone/_hostnames', 404, 'could not retrieve service'],
    ['/meshes/gone/meshservices/one/_hostnames', 404, 'could not retrieve service'],
    [
      '/meshes/ex/dataplanes/d1/_hostnames',
      400,
      'only "meshservices,meshexternalservices,meshmultizoneservices" are available for inspection',
    ],
  ])('%s is answered with %i', async (path, status, title) => {
    const answer = await api.request('GET', path);
    expect([answer.status, Object(answer.body).title]).toEqual([status, title]);
  });

  const outboundsOf = async (dataplane: string) => {
    const { outbounds } = Object(await get(`/meshes/ex/dataplanes/${dataplane}/_layout`));
    return (outbounds as { kri: string; port: number; protocol: string }[]).map(
      ({ kri, port, protocol }) => `${kri} ${port} ${protocol}`,
    );
  };
  const one = 'kri_msvc_ex_default__one';

  it.each([
    [
      'd1',
      [
        'kri_extsvc_ex_default__pay_443 443 http',
        `${one}_81 81 tcp`,
        `${one}_82 82 tcp`,
        `${one}_web 80 http`,
        'kri_msvc_ex_default__two_90 90 tcp',
        'kri_mzsvc_ex___mz_n 99 tcp',
      ],
    ],
    // The MeshMultiZoneService is of no zone, so a name does not find it from a zone's Dataplane.
    ['d2', [`${one}_81 81 tcp`, 'kri_msvc_ex_default__two_90 90 tcp']],
    ['d3', []],
    ['d4', ['kri_extsvc_ex_default__pay_443 443 http', `${one}_81 81 tcp`, `${one}_web 80 http`]],
  ])('%s can reach %j', async (dataplane, expected) => {
    expect(await outboundsOf(dataplane)).toEqual(expected);
  });

  it('a layout has the inbounds as they are named, and what Envoy calls all', async () => {
    const layout = Object(await get('/meshes/ex/dataplanes/d1/_layout'));
    expect(layout).toMatchObject({
      kri: 'kri_dp_ex_default__d1_',
      labels: { 'kuma.io/mesh': 'ex' },
      inbounds: [
        {
          kri: 'kri_dp_ex_default__d1_web',
          port: 8080,
          protocol: 'HTTP',
          proxyResourceName: 'self_inbound_dp_web',
        },
        { kri: 'kri_dp_ex_default__d1_81', port: 81, protocol: '', proxyResourceName: 'self_inbound_dp_81' },
      ],
    });
    expect(layout.outbounds[0].proxyResourceName).toBe(layout.outbounds[0].kri);
  });

  describe('have host names', () => {
    const hostnames = (path: string) => get(`/meshes/ex/${path}/_hostnames`);
    const generators = {
      team: {
        selector: { meshService: { matchLabels: { team: 'x' } } },
        template: '{{ .DisplayName }}.{{ label "team" }}.{{ .Zone }}',
      },
      same: { selector: { meshService: { matchLabels: { team: 'x' } } }, template: 'two.x.{{ .Zone }}' },
      local: {
        selector: { meshService: { matchLabels: { 'kuma.io/origin': 'zone' } } },
        template: '{{ .Name }}.{{ .Mesh }}',
      },
      broken: { selector: { meshService: {} }, template: '{{ .Nope }}.x' },
      spaced: { selector: { meshService: {} }, template: 'a b' },
      pay: { selector: { meshExternalService: {} }, template: '{{ .Name }}.ext' },
      multi: { selector: { meshMultiZoneService: {} }, template: '{{ .Name }}.all' },
    };

    it('of the generators that select them; those without a zone see nothing as their own', async () => {
      expect(await hostnames('meshservices/one')).toEqual({ items: null, total: 0 });
      for (const [name, spec] of Object.entries(generators)) {
        expect((await put('HostnameGenerator', `/hostnamegenerators/${name}`, { spec })).status).toBe(201);
      }
      const zones = [{ name: 'default' }];
      expect(await hostnames('meshservices/two')).toEqual({
        items: [
          { hostname: 'two.ex', zones },
          { hostname: 'two.x.default', zones },
        ],
        total: 2,
      });
      expect(await hostnames('meshservices/one')).toEqual({
        items: [{ hostname: 'one.ex', zones }],
        total: 1,
      });
      expect(await hostnames('meshexternalservices/pay')).toMatchObject({ items: [{ hostname: 'pay.ext' }] });
      expect(await hostnames('meshmultizoneservices/mz')).toMatchObject({ items: [{ hostname: 'mz.all' }] });
    });
  });
});
