import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';
import { dataplane, timeout } from './documents.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture(['acme', 'other']);
});

afterAll(() => api.close());

describe('a neighbour', () => {
  beforeAll(async () => {
    await api.request('PUT', '/meshes/private', { body: { type: 'Mesh', name: 'private' } });
    await api.request('PUT', '/meshes/private/dataplanes/hidden', { body: dataplane('hidden', 'private') });
    await api.request('PUT', '/meshes/default/dataplanes/hidden', { body: dataplane('hidden') });
    await api.request('PUT', '/globalsecrets/hidden', {
      body: { type: 'GlobalSecret', name: 'hidden', data: 'eA==' },
    });
  });

  it.each([
    ['GET', '/meshes/private'],
    ['DELETE', '/meshes/private'],
    ['GET', '/meshes/private/dataplanes'],
    ['GET', '/meshes/private/dataplanes/hidden'],
    ['GET', '/meshes/private/dataplanes/hidden/_overview'],
    ['GET', '/meshes/private/dataplanes+insights'],
    ['GET', '/meshes/private/dataplane-insights'],
    ['DELETE', '/meshes/private/dataplanes/hidden'],
    ['GET', '/meshes/default/dataplanes/hidden'],
    ['GET', '/globalsecrets/hidden'],
    ['GET', '/_kri/kri_dp_private_default__hidden_'],
  ])('gets 404 from %s %s', async (method, path) => {
    expect(await api.request(method, path, { tenant: 'other' })).toMatchObject({ status: 404 });
    expect((await api.request('GET', '/meshes/private/dataplanes/hidden')).status).toBe(200);
  });

  it('cannot put anything into a mesh that is not its own', async () => {
    const path = '/meshes/private/dataplanes/mine';
    const body = dataplane('mine', 'private');
    expect(await api.request('PUT', path, { tenant: 'other', body })).toMatchObject({
      status: 404,
      body: { title: 'Failed to retrieve Mesh' },
    });
    expect(await api.request('GET', path)).toMatchObject({ status: 404 });
  });

  it.each(['/meshes', '/dataplanes', '/dataplanes+insights', '/secrets', '/globalsecrets', '/meshtimeouts'])(
    'sees nothing of it in %s',
    async (path) => {
      const seen = await api.request('GET', path, { tenant: 'other' });
      expect(seen.status).toBe(200);
      expect(JSON.stringify(seen.body)).not.toMatch(/private|hidden/);
      expect(JSON.stringify((await api.request('GET', path)).body)).toMatch(/private|hidden/);
    },
  );

  it('has tokens and keys of its own', async () => {
    const body = { mesh: 'private', validFor: '1h' };
    expect(await api.request('POST', '/tokens/dataplane', { body })).toMatchObject({ status: 200 });
    expect(await api.request('POST', '/tokens/dataplane', { tenant: 'other', body })).toMatchObject({
      status: 404,
      body: { title: 'Signing Key not found' },
    });
  });

  it('that does not exist gets 404', async () => {
    expect(await api.request('GET', '/meshes', { tenant: 'nobody' })).toMatchObject({
      status: 404,
      body: { type: '/std-errors' },
    });
  });
});

describe('a caller from elsewhere', () => {
  const elsewhere = { peer: '192.0.2.7' };

  it.each([
    ['PUT', '/meshes/default/dataplanes/anonymous', dataplane('anonymous')],
    ['PUT', '/meshes/anonymous', { type: 'Mesh', name: 'anonymous' }],
    ['DELETE', '/meshes/default', undefined],
    ['POST', '/tokens/dataplane', { mesh: 'default' }],
    ['GET', '/meshes/default/secrets', undefined],
    ['GET', '/globalsecrets', undefined],
  ])('gets 403 from %s %s without a token', async (method, path, body) => {
    expect(await api.request(method, path, { ...elsewhere, body })).toMatchObject({
      status: 403,
      body: { title: 'Access Denied' },
    });
  });

  it('may read', async () => {
    expect((await api.request('GET', '/meshes/default/dataplanes', elsewhere)).status).toBe(200);
  });

  it('may do what its token lets it do', async () => {
    const issue = async (body: object) => (await api.request('POST', '/tokens/user', { body })).text;
    const as = (token: string) => ({ ...elsewhere, headers: { authorization: `Bearer ${token}` } });
    const admin = as(await issue({ name: 'ann', groups: ['mesh-system:admin'], validFor: '1h' }));
    const guest = as(await issue({ name: 'bob', groups: ['guests'], validFor: '1h' }));
    const put = (options: object) =>
      api.request('PUT', '/meshes/default/meshtimeouts/guests', { ...options, body: timeout('guests') });
    expect(await api.request('GET', '/who-am-i', admin)).toMatchObject({
      body: { name: 'ann', groups: ['mesh-system:admin', 'mesh-system:authenticated'] },
    });
    expect((await api.request('GET', '/globalsecrets', admin)).status).toBe(200);
    expect((await put(guest)).status).toBe(201);
    expect((await api.request('GET', '/globalsecrets', guest)).status).toBe(403);
    expect((await api.request('GET', '/globalsecrets', { ...admin, tenant: 'other' })).status).toBe(401);
  });

  it('gets 401 for a token that is none', async () => {
    const headers = { authorization: 'Bearer nonsense' };
    expect(await api.request('GET', '/meshes', { ...elsewhere, headers })).toMatchObject({
      status: 401,
      body: { title: 'Invalid authentication data', detail: 'Unauthenticated' },
    });
  });
});
