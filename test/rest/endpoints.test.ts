import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';
import { dataplane, timeout } from './documents.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture(['acme', 'other']);
});

afterAll(() => api.close());

describe('every kind of resource', () => {
  it.each([
    ['/meshes/kinds', { type: 'Mesh', name: 'kinds' }],
    ['/meshes/default/dataplanes/kinds', dataplane('kinds')],
    ['/meshes/default/meshtimeouts/kinds', timeout('kinds')],
    ['/meshes/default/secrets/kinds', { type: 'Secret', mesh: 'default', name: 'kinds', data: 'eA==' }],
    ['/globalsecrets/kinds', { type: 'GlobalSecret', name: 'kinds', data: 'eA==' }],
  ])('%s is made, read, changed and deleted', async (path, body) => {
    expect(await api.request('GET', path)).toMatchObject({ status: 404 });
    expect(await api.request('PUT', path, { body })).toMatchObject({ status: 201, body: {} });
    expect(await api.request('GET', path)).toMatchObject({ status: 200, body });
    expect(await api.request('PUT', path, { body })).toMatchObject({ status: 200, body: {} });
    const list = await api.request('GET', path.slice(0, path.lastIndexOf('/')));
    expect(list.status).toBe(200);
    expect(api.names(list)).toContain('kinds');
    expect(await api.request('DELETE', path)).toMatchObject({ status: 200, body: {} });
    expect(await api.request('GET', path)).toMatchObject({ status: 404 });
    expect(await api.request('DELETE', path)).toMatchObject({ status: 404 });
  });
});

describe('a new mesh', () => {
  it('is complete at once', async () => {
    const mtls = { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] };
    const put = await api.request('PUT', '/meshes/whole', { body: { type: 'Mesh', name: 'whole', mtls } });
    expect(put.status).toBe(201);
    const lists = ['meshtimeouts', 'meshretries', 'meshcircuitbreakers', 'secrets'].map(async (path) =>
      api.names(await api.request('GET', `/meshes/whole/${path}`)),
    );
    expect((await Promise.all(lists)).flat()).toEqual([
      'mesh-gateways-timeout-all-whole',
      'mesh-timeout-all-whole',
      'mesh-retry-all-whole',
      'mesh-circuit-breaker-all-whole',
      'dataplane-token-signing-key-whole-1',
      'whole.ca-builtin-cert-ca-1',
      'whole.ca-builtin-key-ca-1',
    ]);
  });

  it('that is made twice at once is made once', async () => {
    const body = { type: 'Mesh', name: 'twice' };
    const answers = await Promise.all([1, 2, 3].map(() => api.request('PUT', '/meshes/twice', { body })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(api.names(await api.request('GET', '/meshes/twice/secrets'))).toHaveLength(1);
  });

  it('keeps its authority when it is changed', async () => {
    const mtls = { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] };
    const path = '/meshes/whole/secrets/whole.ca-builtin-cert-ca-1';
    const before = await api.request('GET', path);
    await api.request('PUT', '/meshes/whole', { body: { type: 'Mesh', name: 'whole', mtls, routing: {} } });
    expect((await api.request('GET', path)).body).toEqual(before.body);
  });

  it('may not have its authority read from a file of the server', async () => {
    const source = { file: '/etc/passwd' };
    const conf = { cert: source, key: source };
    const mtls = { enabledBackend: 'p', backends: [{ name: 'p', type: 'provided', conf }] };
    const put = await api.request('PUT', '/meshes/files', { body: { type: 'Mesh', name: 'files', mtls } });
    expect(put).toMatchObject({ status: 400, body: { title: 'Failed to create a resource' } });
    expect(JSON.stringify(put.body)).toContain('mtls.backends[0].conf.cert');
  });
});
