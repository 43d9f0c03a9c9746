import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture(['default']);
});

afterAll(() => api.close());

function claims(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}

describe('tokens', () => {
  it.each([
    ['/tokens/dataplane', { mesh: 'default', name: 'a', validFor: '1h' }, { Mesh: 'default', Name: 'a' }],
    ['/tokens/user', { name: 'ann', groups: ['g'], validFor: '1h' }, { Name: 'ann', Groups: ['g'] }],
    ['/tokens/zone', { zone: 'z', scope: ['egress'], validFor: '1h' }, { Zone: 'z', Scope: ['egress'] }],
  ])('come from %s as plain text that nobody stores', async (path, body, expected) => {
    const answer = await api.request('POST', path, { body });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(claims(answer.text)).toMatchObject(expected);
  });

  it.each([
    ['/tokens/dataplane', { name: 'a', validFor: 'x' }, ['mesh', 'validFor']],
    ['/tokens/dataplane', { mesh: 'default', type: 'tram' }, ['type']],
    ['/tokens/user', {}, ['name', 'validFor']],
    ['/tokens/zone', { zone: 'a' }, ['scope']],
  ])('%s refuses %j and names every mistake', async (path, body, fields) => {
    const answer = await api.request('POST', path, { body });
    expect(answer).toMatchObject({ status: 400, body: { title: 'Invalid request' } });
    const { invalid_parameters: parameters } = Object(answer.body);
    expect(parameters.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  it.each([
    ['{', 'invalid JSON'],
    ['', 'unexpected end of JSON input'],
    ['[]', 'expected object, received array'],
    ['"x"', 'expected object, received string'],
    ['{"name":7}', 'name: Invalid input: expected string'],
    ['{"mesh":"default","tags":{"a":"b"}}', 'tags.a: must be a list of texts'],
  ])('for a body of %j are refused and say why', async (raw, reason) => {
    const answer = await api.request('POST', '/tokens/dataplane', { raw });
    expect(answer).toMatchObject({ status: 400, body: { type: '/std-errors', title: 'Bad Request' } });
    expect(String(Object(answer.body).detail)).toContain(`bad request: the body cannot be read: `);
    expect(String(Object(answer.body).detail)).toContain(reason);
  });

  it('of a mesh that is not there are not to be had', async () => {
    const body = { mesh: 'none', validFor: '1h' };
    expect(await api.request('POST', '/tokens/dataplane', { body })).toMatchObject({
      status: 404,
      body: { title: 'Signing Key not found' },
    });
  });

  it.each([
    ['/tokens/dataplane', { mesh: 'default' }, 'cannot access generate dataplane token'],
    ['/tokens/zone', { zone: 'z', scope: [] }, "cannot access generate zone token for zone 'z'"],
    ['/tokens/user', { name: 'a', validFor: '1h' }, 'action not allowed'],
  ])('%s is for administrators', async (path, body, words) => {
    const answer = await api.request('POST', path, { body, peer: '192.0.2.7' });
    expect(answer).toMatchObject({ status: 403, body: { title: 'Access Denied' } });
    expect(Object(answer.body).detail).toContain(words);
  });

  it.each([
    ['GET', '/tokens/dataplane', undefined, 405],
    ['GET', '/tokens', undefined, 404],
    ['POST', '/tokens/other', {}, 404],
  ])('%s %s gives what the router gives', async (method, path, body, status) => {
    expect((await api.request(method, path, { body })).status).toBe(status);
  });

  it('are text, but only callers who take JSON are served, as in the reference', async () => {
    const request = { body: { mesh: 'default' }, headers: { accept: 'text/plain' } };
    expect((await api.request('POST', '/tokens/dataplane', request)).status).toBe(406);
  });

  it('end when their secret goes', async () => {
    const body = { name: 'ann', groups: ['mesh-system:admin'], validFor: '1h' };
    const token = (await api.request('POST', '/tokens/user', { body })).text;
    const whoAmI = async () =>
      (
        await api.request('GET', '/who-am-i', {
          peer: '192.0.2.7',
          headers: { authorization: `Bearer ${token}` },
        })
      ).status;
    expect(await whoAmI()).toBe(200);
    const path = '/globalsecrets/user-token-revocations';
    const data = Buffer.from(String(claims(token).jti)).toString('base64');
    const list = { type: 'GlobalSecret', name: 'user-token-revocations', data };
    expect((await api.request('PUT', path, { body: list })).status).toBe(201);
    expect(await whoAmI()).toBe(401);
    expect((await api.request('DELETE', path)).status).toBe(200);
    expect(await whoAmI()).toBe(200);
    api.advance(3_601_000);
    expect(await whoAmI()).toBe(401);
  });

  it('cannot be made with a key that is none: 500, and the log knows why', async () => {
    const name = 'dataplane-token-signing-key-default-2';
    const secret = { type: 'Secret', mesh: 'default', name, data: 'bm8ga2V5' };
    await api.request('PUT', `/meshes/default/secrets/${name}`, { body: secret });
    const answer = await api.request('POST', '/tokens/dataplane', { body: { mesh: 'default' } });
    expect(answer).toMatchObject({
      status: 500,
      body: { title: 'Could not issue a token', detail: 'Internal Server Error' },
    });
    const logged = JSON.stringify(api.log.filter(({ level }) => level === 'error'));
    expect(logged).toContain('cannot be read');
    expect(logged).not.toContain('no key"');
  });
});
