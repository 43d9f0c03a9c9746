import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxBodyBytes } from '../../src/http/body.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture(['acme', 'other']);
});

afterAll(() => api.close());

function dataplane(name: string, mesh = 'default', tags: Record<string, string> = {}) {
  return {
    type: 'Dataplane',
    mesh,
    name,
    networking: {
      address: '10.0.0.1',
      inbound: [{ port: 8080, tags: { 'kuma.io/service': 'shop', ...tags } }],
    },
  };
}

function timeout(name: string, mesh = 'default') {
  return {
    type: 'MeshTimeout',
    mesh,
    name,
    spec: { to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '1s' } }] },
  };
}

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

describe('conditions', () => {
  const path = '/meshes/default/dataplanes/conditions';
  let written = 0;
  /** Something else each time, as the same again changes nothing. */
  const put = (headers: Record<string, string>) => {
    written += 1;
    const body = { ...dataplane('conditions'), labels: { written: String(written) } };
    return api.request('PUT', path, { body, headers });
  };

  it('let a writer replace only what it has read', async () => {
    expect(await put({ 'if-match': '*' })).toMatchObject({
      status: 412,
      body: { title: 'Precondition Failed' },
    });
    const created = await put({ 'if-none-match': '*' });
    expect(created.status).toBe(201);
    expect(await put({ 'if-none-match': '*' })).toMatchObject({ status: 412 });

    const read = await api.request('GET', path);
    const tag = read.headers.get('etag') ?? '';
    expect(created.headers.get('etag')).toBe(tag);
    const updated = await put({ 'if-match': tag });
    expect(updated.status).toBe(200);
    expect(updated.headers.get('etag')).not.toBe(tag);
    expect(await put({ 'if-match': tag })).toMatchObject({ status: 412 });
    expect(await put({ 'if-match': `W/${updated.headers.get('etag')}` })).toMatchObject({ status: 412 });

    expect(await api.request('DELETE', path, { headers: { 'if-match': tag } })).toMatchObject({
      status: 412,
    });
    const current = updated.headers.get('etag') ?? '';
    expect(await api.request('DELETE', path, { headers: { 'if-match': `"0", ${current}` } })).toMatchObject({
      status: 200,
    });
  });

  it('let a reader keep what it has', async () => {
    await put({});
    const tag = (await api.request('GET', path)).headers.get('etag') ?? '';
    const again = await api.request('GET', path, { headers: { 'if-none-match': `"x", W/${tag}` } });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect((await api.request('GET', path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  it('are not needed: of writers at the same time none fails, and each is counted', async () => {
    const version = async () =>
      Number(/^"(\d+)-/.exec((await api.request('GET', path)).headers.get('etag') ?? '')?.[1]);
    const before = await version();
    const answers = await Promise.all(Array.from({ length: 6 }, () => put({})));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await version()).toBe(before + 6);
  });

  it('tell one that was made anew from the one before', async () => {
    await put({});
    await api.request('DELETE', path);
    const first = (await put({})).headers.get('etag') ?? '';
    await api.request('DELETE', path);
    api.advance(1);
    expect((await put({})).headers.get('etag')).not.toBe(first);
    expect(await put({ 'if-match': first })).toMatchObject({ status: 412 });
  });

  it('let one of many win', async () => {
    const tag = (await api.request('GET', path)).headers.get('etag') ?? '';
    const answers = await Promise.all(Array.from({ length: 5 }, () => put({ 'if-match': tag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
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
