import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/certificates/authority.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture(['default']);
});

afterAll(() => api.close());

function dataplane(mesh: string, tags: Record<string, string> = {}) {
  const inbound = [{ port: 80, tags: { 'kuma.io/service': 'shop', ...tags } }];
  return { type: 'Dataplane', mesh, name: 'one', networking: { address: '10.0.0.1', inbound } };
}

function secret(mesh: string, name: string, contents: string) {
  return { type: 'Secret', mesh, name, data: Buffer.from(contents).toString('base64') };
}

const builtin = { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] };
const put = (name: string, more: object = {}) =>
  api.request('PUT', `/meshes/${name}`, { body: { type: 'Mesh', name, ...more } });

describe('a mesh', () => {
  it('with a proxy inside is not deleted', async () => {
    await put('full');
    await api.request('PUT', '/meshes/full/dataplanes/one', { body: dataplane('full') });
    expect(await api.request('DELETE', '/meshes/full')).toMatchObject({
      status: 400,
      body: { title: 'Could not delete a resource', invalid_parameters: [{ field: 'mesh' }] },
    });
    expect((await api.request('GET', '/meshes/full/dataplanes/one')).status).toBe(200);
    await api.request('DELETE', '/meshes/full/dataplanes/one');
    expect((await api.request('DELETE', '/meshes/full')).status).toBe(200);
  });

  it('that is deleted takes all that is in it along, and comes back new', async () => {
    await put('again');
    const key = '/meshes/again/secrets/dataplane-token-signing-key-again-1';
    const before = (await api.request('GET', key)).body;
    const policy = '/meshes/again/meshtimeouts/mesh-timeout-all-again';
    await api.request('DELETE', policy);
    expect((await api.request('DELETE', '/meshes/again')).status).toBe(200);
    expect(await api.request('GET', key)).toMatchObject({
      status: 404,
      body: { title: 'Failed to retrieve Mesh' },
    });
    expect(
      api.names(await api.request('GET', '/meshtimeouts')).filter((name) => name.endsWith('again')),
    ).toEqual([]);
    expect((await put('again')).status).toBe(201);
    expect((await api.request('GET', policy)).status).toBe(200);
    expect(Object((await api.request('GET', key)).body).data).not.toBe(Object(before).data);
  });

  it('does not get back a default policy that was deleted', async () => {
    await put('less');
    const policy = '/meshes/less/meshretries/mesh-retry-all-less';
    expect((await api.request('DELETE', policy)).status).toBe(200);
    expect((await put('less', { mtls: builtin })).status).toBe(200);
    expect((await api.request('GET', policy)).status).toBe(404);
  });

  it('gets its authority with the update that asks for one, and keeps it from then on', async () => {
    await put('later');
    const secrets = async () => api.names(await api.request('GET', '/meshes/later/secrets?name=ca-builtin'));
    expect(await secrets()).toEqual([]);
    expect((await put('later', { mtls: builtin })).status).toBe(200);
    expect(await secrets()).toEqual(['later.ca-builtin-cert-ca-1', 'later.ca-builtin-key-ca-1']);
    expect((await put('later', { mtls: { ...builtin, enabledBackend: '' } })).status).toBe(200);
    expect(await secrets()).toHaveLength(2);
  });

  it('does not let go of a secret that its authority uses', async () => {
    await put('used', { mtls: builtin });
    const path = '/meshes/used/secrets/used.ca-builtin-key-ca-1';
    expect(await api.request('DELETE', path)).toMatchObject({
      status: 400,
      body: { title: 'Could not delete a resource', invalid_parameters: [{ field: 'name' }] },
    });
    await put('used');
    expect((await api.request('DELETE', path)).status).toBe(200);
  });

  it('takes an authority from its secrets once they are there and good', async () => {
    await put('own');
    const source = { cert: { secret: 'cert' }, key: { secret: 'key' } };
    const mtls = { enabledBackend: 'p', backends: [{ name: 'p', type: 'provided', conf: source }] };
    const fields = async () => {
      const { invalid_parameters: parameters = [] } = Object((await put('own', { mtls })).body);
      return parameters.map(({ field }: { field: string }) => field);
    };
    const conf = 'mtls.backends[0].conf';
    expect(await fields()).toEqual([`${conf}.cert`, `${conf}.key`]);

    const now = Date.parse('2026-01-01T00:00:00Z');
    const options = { kind: 'ec', subject: { commonName: 'own' }, lifetime: 3_600_000, now } as const;
    const [pair, other] = await Promise.all([createAuthority(options), createAuthority(options)]);
    const store = (name: string, contents: string) =>
      api.request('PUT', `/meshes/own/secrets/${name}`, { body: secret('own', name, contents) });
    await store('cert', pair.certificate);
    await store('key', other.key.reveal());
    expect(await fields()).toEqual([`${conf}.cert`]);
    await store('key', pair.key.reveal());
    expect(await put('own', { mtls })).toMatchObject({ status: 200, body: {} });
    expect((await api.request('DELETE', '/meshes/own/secrets/cert')).status).toBe(400);
  });

  it('takes only proxies that meet its constraints, and says why not', async () => {
    const constraints = {
      dataplaneProxy: { requirements: [{ tags: { team: '*' } }], restrictions: [{ tags: { team: 'red' } }] },
    };
    await put('club', { constraints });
    const path = '/meshes/club/dataplanes/one';
    const join = (tags: Record<string, string>) =>
      api.request('PUT', path, { body: dataplane('club', tags) });
    for (const tags of [{}, { team: 'red' }]) {
      const refused = await join(tags);
      expect(refused).toMatchObject({ status: 400, body: { title: 'Failed to create a resource' } });
      expect(JSON.stringify(refused.body)).toContain('cannot be a member of mesh');
    }
    expect((await join({ team: 'blue' })).status).toBe(201);
    expect(await join({ team: 'red' })).toMatchObject({ body: { title: 'Failed to update a resource' } });
  });
});

describe('a policy', () => {
  it('tells whom it selects', async () => {
    await put('chosen');
    for (const [name, version] of [
      ['a', 'v1'],
      ['b', 'v2'],
      ['c', 'v2'],
    ] as const) {
      const body = { ...dataplane('chosen', { version }), name };
      await api.request('PUT', `/meshes/chosen/dataplanes/${name}`, { body });
    }
    const to = [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '1s' } }];
    const spec = { targetRef: { kind: 'MeshSubset', tags: { version: 'v2' } }, to };
    const body = { type: 'MeshTimeout', mesh: 'chosen', name: 'some', spec };
    const path = '/meshes/chosen/meshtimeouts';
    await api.request('PUT', `${path}/some`, { body });
    const affected = (query = '', name = 'some') =>
      api.request('GET', `${path}/${name}/_resources/dataplanes${query}`);
    const all = await affected();
    expect(all).toMatchObject({ status: 200, body: { total: 2 } });
    expect(all.body).not.toHaveProperty('next');
    expect(api.names(all)).toEqual(['b', 'c']);
    expect(Object(all.body).items[0]).toMatchObject({ type: 'Dataplane', mesh: 'chosen', labels: {} });
    expect(api.names(await affected('?name=c'))).toEqual(['c']);
    const page = await affected('?size=1');
    expect(api.names(page)).toEqual(['b']);
    expect(Object(page.body).next).toContain('offset=1&size=1');
    expect(api.names(await affected('', 'mesh-gateways-timeout-all-chosen'))).toEqual([]);
    expect(await affected('', 'none')).toMatchObject({
      status: 404,
      body: { title: 'Could not retrieve policy' },
    });
    expect(await api.request('GET', '/meshes/none/meshtimeouts/some/_resources/dataplanes')).toMatchObject({
      status: 404,
      body: { title: 'Failed to retrieve Mesh' },
    });
  });
});

describe('what is written', () => {
  it('is told of settings that go away', async () => {
    const from = [{ targetRef: { kind: 'Mesh' }, default: { idleTimeout: '5s' } }];
    const body = {
      type: 'MeshTimeout',
      mesh: 'default',
      name: 'old',
      spec: { targetRef: { kind: 'Mesh' }, from },
    };
    expect(await api.request('PUT', '/meshes/default/meshtimeouts/old', { body })).toMatchObject({
      status: 201,
      body: { warnings: ["'from' field is deprecated, use 'rules' instead"] },
    });
  });

  it('carries the zone, whatever it claimed', async () => {
    const body = dataplane('default', { 'kuma.io/zone': 'elsewhere' });
    await api.request('PUT', '/meshes/default/dataplanes/one', { body });
    expect(await api.request('GET', '/meshes/default/dataplanes/one')).toMatchObject({
      body: {
        labels: { 'kuma.io/zone': 'default', 'kuma.io/origin': 'zone', 'kuma.io/mesh': 'default' },
        networking: { inbound: [{ tags: { 'kuma.io/zone': 'default' } }] },
      },
    });
  });

  it('is not ready while its workload has yet to be probed', async () => {
    const probe = { interval: '10s', timeout: '1s', unhealthyThreshold: 3, healthyThreshold: 1, tcp: {} };
    const inbound = [{ port: 80, tags: { 'kuma.io/service': 'shop' }, serviceProbe: probe }];
    const body = {
      type: 'Dataplane',
      mesh: 'default',
      name: 'probed',
      networking: { address: '10.0.0.1', inbound },
    };
    await api.request('PUT', '/meshes/default/dataplanes/probed', { body });
    expect(await api.request('GET', '/meshes/default/dataplanes/probed')).toMatchObject({
      body: { networking: { inbound: [{ state: 'NotReady' }] } },
    });
  });
});
