import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Subscription } from '../../src/store/insights.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;

async function put(path: string, body: object): Promise<void> {
  const name = path.split('/').at(-1);
  expect([200, 201]).toContain((await api.request('PUT', path, { body: { name, ...body } })).status);
}

async function putDataplane(mesh: string, name: string, service: string): Promise<void> {
  const networking = { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': service } }] };
  await put(`/meshes/${mesh}/dataplanes/${name}`, { type: 'Dataplane', mesh, networking });
}

const stream = (closed: boolean): Subscription => ({
  id: 's',
  controlPlaneInstanceId: 'alive',
  connectTime: '2026-01-01T00:00:01.000Z',
  ...(closed && { disconnectTime: '2026-01-01T00:00:02.000Z' }),
  stats: {},
});

const connect = (mesh: string, name: string, closed = false) =>
  api.insights.update(api.tenant, mesh, name, () => ({ subscriptions: [stream(closed)] }));

const get = async (path: string) => (await api.request('GET', path)).body;

beforeAll(async () => {
  api = await createApiFixture(['default', 'other']);
  await api.leases.renew('alive', 60_000);
  await put('/meshes/second', { type: 'Mesh' });
  await putDataplane('default', 'a', 'shop');
  await putDataplane('default', 'b', 'shop');
  await putDataplane('second', 'a', 'stock');
  await connect('default', 'a');
});

afterAll(() => api.close());

describe('insights of services', () => {
  it('show at once what changes: streams, relays, Dataplanes', async () => {
    const shown = async () => {
      const { status, dataplanes } = Object(await get('/meshes/default/service-insights/shop'));
      return { status, ...dataplanes };
    };
    expect(await shown()).toEqual({ status: 'partially_degraded', total: 2, online: 1, offline: 1 });
    await connect('default', 'b');
    expect(await shown()).toEqual({ status: 'online', total: 2, online: 2 });
    api.advance(61_000);
    expect(await shown()).toEqual({ status: 'offline', total: 2, offline: 2 });
    await api.leases.renew('alive', 600_000);
    api.advance(1_001);
    await putDataplane('default', 'c', 'shop');
    expect(await shown()).toEqual({ status: 'partially_degraded', total: 3, online: 2, offline: 1 });
    expect(await api.request('DELETE', '/meshes/default/dataplanes/c')).toMatchObject({ status: 200 });
    expect(await shown()).toEqual({ status: 'online', total: 2, online: 2 });
    await connect('default', 'b', true);
  });

  it('are of one mesh and of all, by name, type and page', async () => {
    expect(await get('/service-insights')).toMatchObject({
      total: 2,
      items: [
        { mesh: 'default', name: 'shop' },
        { mesh: 'second', name: 'stock' },
      ],
    });
    expect(await get('/service-insights?name=st')).toMatchObject({ total: 1, items: [{ name: 'stock' }] });
    expect(await get('/service-insights?type=Internal,%20external&size=1')).toMatchObject({
      total: 2,
      items: [{ name: 'shop' }],
      next: expect.stringContaining('offset=1'),
    });
    expect(await get('/service-insights?type=external')).toMatchObject({ total: 0 });
  });

  it.each([
    ['/meshes/none/service-insights', 404, 'Failed to retrieve Mesh'],
    ['/meshes/none/service-insights/shop', 404, 'Failed to retrieve Mesh'],
    ['/service-insights?type=internal,none', 400, 'Bad Request'],
    ['/service-insights?size=x', 400, 'Could not paginate resources'],
    ['/service-insights?offset=x', 400, 'Could not paginate resources'],
    ['/service-insights?size=x&type=none', 400, 'Bad Request'],
  ])('%s is %i', async (path, status, title) => {
    expect(await api.request('GET', path)).toMatchObject({ status, body: { title } });
  });

  it('know no labels, as in the reference', async () => {
    expect(await get('/service-insights?filter[labels.x]=y&filter[x]=z')).toMatchObject({ total: 2 });
  });
});

describe('insights of meshes', () => {
  it('are of each, by name and page', async () => {
    expect(await get('/mesh-insights')).toMatchObject({
      total: 2,
      items: [
        { type: 'MeshInsight', name: 'default', dataplanes: { total: 2, online: 1, offline: 1 } },
        { type: 'MeshInsight', name: 'second', dataplanes: { total: 1, offline: 1 } },
      ],
    });
    expect(await get('/mesh-insights?size=1&offset=1')).toMatchObject({
      total: 2,
      items: [{ name: 'second' }],
    });
    expect(await get('/mesh-insights?name=sec')).toMatchObject({ total: 1, items: [{ name: 'second' }] });
    expect((await api.request('GET', '/mesh-insights/none')).status).toBe(404);
  });

  it('go with their mesh', async () => {
    await put('/meshes/third', { type: 'Mesh' });
    expect(await get('/mesh-insights/third')).toMatchObject({ dataplanes: {} });
    expect(await api.request('DELETE', '/meshes/third')).toMatchObject({ status: 200 });
    expect((await api.request('GET', '/mesh-insights/third')).status).toBe(404);
  });
});

describe('insights of everything', () => {
  it('count what is in all meshes', async () => {
    expect(await get('/global-insight')).toMatchObject({
      meshes: { total: 2 },
      dataplanes: { standard: { total: 3, online: 1, offline: 2 } },
      services: { internal: { total: 2, offline: 1, partiallyDegraded: 1 } },
      resources: { Dataplane: { total: 3 } },
    });
    expect(await get('/global-insights')).toMatchObject({
      type: 'GlobalInsights',
      resources: { Mesh: { total: 2 }, Zone: { total: 1 }, ZoneIngress: { total: 0 } },
    });
    expect(Object.keys(Object(await get('/global-insights')).resources)).not.toContain('AccessRole');
  });

  it("count nobody else's", async () => {
    const asOther = async (path: string) => (await api.request('GET', path, { tenant: 'other' })).body;
    expect(await asOther('/global-insight')).toMatchObject({
      meshes: { total: 1 },
      dataplanes: { standard: { total: 0 } },
    });
    expect(await asOther('/service-insights')).toMatchObject({ total: 0 });
    expect(await asOther('/mesh-insights')).toMatchObject({ total: 1 });
  });
});

describe('what was read before', () => {
  it.each([
    '/meshes/default/service-insights/shop',
    '/mesh-insights/default',
    '/meshes/default/dataplane-insights/a',
    '/meshes/default/dataplanes/a/_overview',
    '/meshes/default/dataplanes/_overview',
  ])('%s is not sent again until a relay dies, though nothing is written', async (path) => {
    const first = await api.request('GET', path);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect(await api.request('GET', path, { headers })).toMatchObject({ status: 304 });
    await api.leases.release('alive');
    api.advance(1_001);
    expect(await api.request('GET', path, { headers })).toMatchObject({ status: 200 });
    await api.leases.renew('alive', 600_000);
    api.advance(1_001);
  });
});

describe('who may read one mesh', () => {
  const ask = async (path: string) => {
    const body = { name: 'ann', groups: ['team'], validFor: '1h' };
    const token = await api.request('POST', '/tokens/user', { body });
    const headers = { authorization: `Bearer ${token.text}` };
    return api.request('GET', path, { peer: '10.0.0.9', headers });
  };

  beforeAll(async () => {
    expect(await api.request('DELETE', '/access-role-bindings/authenticated')).toMatchObject({ status: 200 });
    await put('/access-roles/second', { type: 'AccessRole', rules: [{ mesh: 'second', access: ['READ'] }] });
    await put('/access-role-bindings/second', {
      type: 'AccessRoleBinding',
      subjects: [{ type: 'Group', name: 'team' }],
      roles: ['second'],
    });
  });

  it.each([
    ['/mesh-insights', { total: 1, items: [{ name: 'second' }] }],
    ['/mesh-insights/second', { name: 'second' }],
    ['/service-insights', { total: 1, items: [{ mesh: 'second', name: 'stock' }] }],
    ['/dataplanes/_overview', { total: 1, items: [{ mesh: 'second' }] }],
    ['/global-insight', { meshes: { total: 1 }, dataplanes: { standard: { total: 1 } } }],
    ['/global-insights', { resources: { Mesh: { total: 1 }, Zone: { total: 0 } } }],
  ])('sees of %s what is about it', async (path, body) => {
    expect(await ask(path)).toMatchObject({ status: 200, body });
  });

  it.each([
    '/mesh-insights/default',
    '/mesh-insights/none',
    '/meshes/default/service-insights',
    '/meshes/default/service-insights/shop',
    '/meshes/default/dataplanes/a/_overview',
    '/meshes/default/dataplanes/_overview',
    '/zoneingresses/_overview',
    '/zones/default/_overview',
  ])('does not see %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 403, body: { title: 'Access Denied' } });
  });
});
