import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxBodyBytes } from '../../src/http/body.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';
import { dataplane } from './documents.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture(['acme', 'other']);
});

afterAll(() => api.close());

describe('a request that is not understood', () => {
  it('gets 404 in plain text for a path that there is not', async () => {
    expect(await api.request('GET', '/nowhere')).toMatchObject({ status: 404, text: '404: Page Not Found' });
  });

  it.each(['x'.repeat(3000), '%00', 'a%2Fb', '..%2F..', '__proto__'])(
    'finds nothing under the name %s',
    async (name) => {
      expect((await api.request('GET', `/meshes/default/dataplanes/${name}`)).status).toBe(404);
      expect((await api.request('GET', `/meshes/default/dataplanes/${name}/_overview`)).status).toBe(404);
      expect((await api.request('DELETE', `/meshes/default/secrets/${name}`)).status).toBe(404);
      expect((await api.request('GET', `/meshes/${name}/dataplanes`)).status).toBe(404);
      const body = { mesh: decodeURIComponent(name), validFor: '1h' };
      expect((await api.request('POST', '/tokens/dataplane', { body })).status).toBe(404);
    },
  );

  it('gets 405 with the methods that there are', async () => {
    const answer = await api.request('PATCH', '/meshes/default', { body: {} });
    expect(answer).toMatchObject({ status: 405, text: '405: Method Not Allowed' });
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'PUT']);
  });

  it('gets 405 as a resource where it would write what the control plane writes', async () => {
    expect(await api.request('DELETE', '/meshes/default/dataplane-insights/x')).toMatchObject({
      status: 405,
      body: { title: 'Method not allowed' },
    });
  });

  it('finds a route behind one that has another method', async () => {
    const path = '/meshes/default/dataplanes/_overview';
    expect(await api.request('DELETE', path)).toMatchObject({
      status: 404,
      body: { title: 'Could not delete a resource' },
    });
  });

  it.each([undefined, 'text/plain', 'application/yaml', 'application/json-patch+json'])(
    'gets 415 for a body of type %s',
    async (type) => {
      const options = { raw: '{}', headers: { 'content-type': type } };
      expect(await api.request('PUT', '/meshes/default', options)).toMatchObject({
        status: 415,
        text: '415: Unsupported Media Type',
      });
    },
  );

  it.each(['application/json', 'application/json; charset=utf-8', 'text/plain, application/json'])(
    'is understood with a body of type %s',
    async (type) => {
      const options = { raw: '{}', headers: { 'content-type': type } };
      expect((await api.request('PUT', '/meshes/default', options)).status).toBe(400);
    },
  );

  it.each(['text/html', 'application/*', 'text/plain, image/*'])(
    'gets 406 where it accepts %s',
    async (accept) => {
      expect(await api.request('GET', '/meshes', { headers: { accept } })).toMatchObject({
        status: 406,
        text: '406: Not Acceptable\n\nAvailable representations: application/json',
      });
    },
  );

  it.each([undefined, '*/*', 'text/html, */*;q=0.1', 'application/json;q=0.5'])(
    'is answered where it accepts %s',
    async (accept) => {
      expect((await api.request('GET', '/meshes', { headers: { accept } })).status).toBe(200);
    },
  );
});

describe('a body', () => {
  const path = '/meshes/default/dataplanes/body';

  it('of more than a mebibyte gets 413, whether its size is told or not', async () => {
    const raw = JSON.stringify({ ...dataplane('body'), padding: 'x'.repeat(maxBodyBytes) });
    const refused = { status: 413, body: { type: '/std-errors', title: 'Payload Too Large' } };
    expect(await api.request('PUT', path, { raw })).toMatchObject(refused);
    expect(await api.request('PUT', path, { raw, chunked: true })).toMatchObject(refused);
    expect(await api.request('GET', path)).toMatchObject({ status: 404 });
  });

  it('in pieces is put together', async () => {
    const raw = JSON.stringify({ ...dataplane('body'), unknown: 'é'.repeat(1000) });
    expect(await api.request('PUT', path, { raw, chunked: true })).toMatchObject({ status: 201 });
  });

  it.each([
    '{"type":"Dataplane"',
    '',
    '[]',
    '7',
    'null',
    '"text"',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
    '{"__proto__":{"type":"Dataplane"}}',
    '{"type":1e999}',
    '\u0000',
  ])('of garbage gets 400 (%#)', async (raw) => {
    expect((await api.request('PUT', path, { raw })).status).toBe(400);
  });
});

describe('every answer', () => {
  it.each(['/meshes', '/meshes/none', '/meshes?size=x', '/config'])('%s names its request', async (path) => {
    const named = await api.request('GET', path, { headers: { 'x-request-id': 'mine-1' } });
    expect(named.headers.get('x-request-id')).toBe('mine-1');
    const made = await api.request('GET', path, { headers: { 'x-request-id': 'bad id' } });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('to HEAD is that to GET without its body', async () => {
    const get = await api.request('GET', '/meshes/default');
    const head = await api.request('HEAD', '/meshes/default');
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
  });

  it('is logged in one line without what was sent', async () => {
    const logged = api.log.length;
    await api.request('PUT', '/globalsecrets/logged?secret=query', {
      body: { type: 'GlobalSecret', name: 'logged', data: 'c2VjcmV0' },
      headers: { authorization: 'Bearer secret-token' },
    });
    const lines = api.log.slice(logged);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      message: 'request',
      fields: { tenant: 'acme', method: 'PUT', path: '/globalsecrets/logged', status: 201 },
    });
    expect(JSON.stringify(lines)).not.toMatch(/c2VjcmV0|secret-token|query/);
  });
});
