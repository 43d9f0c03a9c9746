import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;

const meshes = ['default', 'second'];

beforeAll(async () => {
  api = await createApiFixture(['default']);
  await api.request('PUT', '/meshes/second', { body: { type: 'Mesh', name: 'second' } });
  for (const mesh of meshes) {
    for (const [name, networking] of [
      ['a-1', { inbound: [{ port: 80, tags: { 'kuma.io/service': 'shop', version: 'v1' } }] }],
      ['a-2', { inbound: [{ port: 80, tags: { 'kuma.io/service': 'shop', version: 'v2' } }] }],
      ['b-1', { gateway: { tags: { 'kuma.io/service': 'gate' } } }],
      ['b-2', { gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'gate' } } }],
    ] as const) {
      const labels = { team: name.slice(0, 1), mesh };
      const body = {
        type: 'Dataplane',
        mesh,
        name,
        labels,
        networking: { address: '10.0.0.1', ...networking },
      };
      await api.request('PUT', `/meshes/${mesh}/dataplanes/${name}`, { body });
    }
  }
});

afterAll(() => api.close());

describe('lists', () => {
  it.each([
    ['', ['a-1', 'a-2', 'b-1', 'b-2']],
    ['?name=a', ['a-1', 'a-2']],
    ['?name=-2', ['a-2', 'b-2']],
    ['?tag=kuma.io/service:sho', ['a-1', 'a-2']],
    ['?tag=kuma.io/service:*&tag=version:v2', ['a-2']],
    ['?tag=version', ['a-1', 'a-2', 'b-1', 'b-2']],
    ['?gateway=true', ['b-1', 'b-2']],
    ['?gateway=FALSE', ['a-1', 'a-2']],
    ['?gateway=builtin', ['b-2']],
    ['?gateway=delegated', ['b-1']],
    ['?filter[labels.team]=b', ['b-1', 'b-2']],
    ['?filter[labels.team]=b&filter[labels.none]=', []],
    ['?filter[labels.team]=b&name=1&gateway=true&tag=kuma.io/service:gate', ['b-1']],
  ])('of one mesh with %j', async (query, names) => {
    const list = await api.request('GET', `/meshes/default/dataplanes${query}`);
    expect(list).toMatchObject({ status: 200, body: { total: names.length, next: null } });
    expect(api.names(list)).toEqual(names);
  });

  it('of all meshes are by mesh, then by name', async () => {
    const list = await api.request('GET', '/dataplanes');
    const { items } = Object(list.body);
    const keys = items.map(({ mesh, name }: { mesh: string; name: string }) => `${mesh}/${name}`);
    expect(keys).toEqual(
      meshes.flatMap((mesh) => ['a-1', 'a-2', 'b-1', 'b-2'].map((name) => `${mesh}/${name}`)),
    );
  });

  it.each(['/dataplanes', '/dataplanes+insights?gateway=true', '/meshtimeouts', '/secrets', '/meshes'])(
    '%s can be walked page by page without losing or repeating anything',
    async (path) => {
      const whole = await api.request('GET', path);
      const seen: unknown[] = [];
      let next: string | null = `http://localhost:5681${path}${path.includes('?') ? '&' : '?'}size=1`;
      while (next !== null) {
        const page = await api.request('GET', next.slice('http://localhost:5681'.length));
        expect(page.body).toMatchObject({ total: Object(whole.body).total });
        seen.push(...Object(page.body).items);
        next = Object(page.body).next;
      }
      expect(seen).toEqual(Object(whole.body).items);
    },
  );

  it.each([
    ['/dataplanes?size=1001', 'size'],
    ['/dataplanes?gateway=x', '/dataplanes.gateway'],
    ['/meshes/default/dataplanes?gateway=x', '/meshes/{mesh}/dataplanes.gateway'],
    ['/meshes/default/dataplanes+insights?filter[x]=1', '/meshes/{mesh}/dataplanes+insights.filter[x]'],
    ['/meshtimeouts?filter[labels.a]b=1', '/meshtimeouts.filter[labels.a]b'],
  ])('%s is refused for %s', async (path, field) => {
    expect(await api.request('GET', path)).toMatchObject({
      status: 400,
      body: { title: 'Could not retrieve resources', invalid_parameters: [{ field }] },
    });
  });

  it('follow every write at once', async () => {
    const names = async () => api.names(await api.request('GET', '/meshes/second/dataplanes?name=new'));
    const networking = { address: '10.0.0.1', gateway: { tags: { 'kuma.io/service': 'x' } } };
    const body = { type: 'Dataplane', mesh: 'second', name: 'new', networking };
    expect(await names()).toEqual([]);
    await api.request('PUT', '/meshes/second/dataplanes/new', { body });
    expect(await names()).toEqual(['new']);
    await api.request('DELETE', '/meshes/second/dataplanes/new');
    expect(await names()).toEqual([]);
  });
});

describe('what the control plane says of itself', () => {
  it('is at /', async () => {
    expect(await api.request('GET', '/')).toMatchObject({
      status: 200,
      body: { product: 'Kuma', version: '2.13.10', gui: '/gui', hostname: 'test', instanceId: 'test-1' },
    });
  });

  it('is at /config, without a secret', async () => {
    const answer = await api.request('GET', '/config');
    expect(answer).toMatchObject({ status: 200, body: { mode: 'zone', environment: 'universal' } });
    expect(answer.text).not.toMatch(/password|key|token":/i);
  });

  it('lists policies and types by name', async () => {
    const { policies } = Object((await api.request('GET', '/policies')).body);
    const { resources } = Object((await api.request('GET', '/_resources')).body);
    for (const list of [policies, resources]) {
      const names = list.map(({ name }: { name: string }) => name);
      expect(names).toEqual([...names].sort());
    }
    expect(policies).toContainEqual({
      name: 'MeshTimeout',
      readOnly: false,
      path: 'meshtimeouts',
      singularDisplayName: 'Mesh Timeout',
      pluralDisplayName: 'Mesh Timeouts',
      isExperimental: false,
      isTargetRefBased: true,
      isInbound: true,
      isOutbound: true,
    });
    expect(resources).toContainEqual(
      expect.objectContaining({ name: 'DataplaneInsight', readOnly: true, scope: 'Mesh' }),
    );
  });

  it('finds resources by their identifiers', async () => {
    const found = await api.request('GET', '/_kri/kri_dp_default_default__a-1_');
    expect(found).toMatchObject({ status: 200, body: { type: 'Dataplane', name: 'a-1' } });
    for (const [kri, status] of [
      ['kri_dp_default_default__none_', 404],
      ['kri_dp_default___a-1_', 404],
      ['kri_xx_default_default__a-1_', 400],
      ['kri_dp', 400],
      ['abc_dp_default_default__a-1_', 400],
    ] as const) {
      expect((await api.request('GET', `/_kri/${kri}`)).status).toBe(status);
    }
  });

  it('knows no format but its own', async () => {
    expect((await api.request('GET', '/meshes/default?format=universal')).status).toBe(200);
    expect((await api.request('GET', '/meshes/default?format=xml')).status).toBe(400);
  });
});
