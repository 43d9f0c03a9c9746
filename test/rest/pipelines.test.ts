import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, type ApiRequest, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['acme', 'other']);
});
afterAll(() => api.close());

const timeout = (name: string, value: string) => ({
  type: 'MeshTimeout',
  mesh: 'default',
  name,
  spec: {
    targetRef: { kind: 'Mesh' },
    to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: value } }],
  },
});
const revision = async () =>
  Number(Object((await api.request('GET', '/meshes/default/_changes')).body).revision);

/** Writes of every kind of resource: global, in a mesh, of the older layout, secret. */
const writes: readonly (readonly [string, string, object, object])[] = [
  ['a policy', '/meshes/default/meshtimeouts/same', timeout('same', '1s'), timeout('same', '2s')],
  [
    'a Secret',
    '/meshes/default/secrets/same',
    { type: 'Secret', mesh: 'default', name: 'same', data: 'YQ==' },
    { type: 'Secret', mesh: 'default', name: 'same', data: 'Yg==' },
  ],
  [
    'a Dataplane',
    '/meshes/default/dataplanes/same',
    {
      type: 'Dataplane',
      mesh: 'default',
      name: 'same',
      networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'a' } }] },
    },
    {
      type: 'Dataplane',
      mesh: 'default',
      name: 'same',
      networking: { address: '10.0.0.2', inbound: [{ port: 80, tags: { 'kuma.io/service': 'a' } }] },
    },
  ],
  [
    'a Mesh with a certificate authority',
    '/meshes/same',
    {
      type: 'Mesh',
      name: 'same',
      mtls: { enabledBackend: 'ca', backends: [{ name: 'ca', type: 'builtin' }] },
    },
    { type: 'Mesh', name: 'same' },
  ],
  [
    'a GlobalSecret',
    '/globalsecrets/same',
    { type: 'GlobalSecret', name: 'same', data: 'YQ==' },
    { type: 'GlobalSecret', name: 'same', data: 'Yg==' },
  ],
];

describe('PUT of the same content', () => {
  it.each(writes)('changes nothing of %s', async (_, path, body, other) => {
    const created = await api.request('PUT', path, { body });
    expect(created.status).toBe(201);
    const before = await api.request('GET', path);
    const seen: string[] = [];
    const stop = api.events.subscribe(({ type }) => seen.push(type));
    api.advance(1000);
    const again = await api.request('PUT', path, { body });
    expect([again.status, again.body]).toStrictEqual([200, created.body]);
    expect(again.headers.get('etag')).toBe(created.headers.get('etag'));
    expect((await api.request('GET', path)).text).toBe(before.text);
    expect(seen).toStrictEqual([]);
    const records = await api.request('GET', `/_audit?name=same&from=${new Date(api.now()).toISOString()}`);
    expect(records.body).toStrictEqual({ items: [], next: null });

    const changed = await api.request('PUT', path, { body: other });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(created.headers.get('etag'));
    expect(seen).toStrictEqual(['ResourceUpdated']);
    stop();
    const gone = [await api.request('DELETE', path), await api.request('DELETE', path)];
    expect(gone.map(({ status }) => status)).toStrictEqual([200, 404]);
  });

  it('makes no revision, however often it is done at once', async () => {
    const put = () =>
      api.request('PUT', '/meshes/default/meshtimeouts/once', { body: timeout('once', '1s') });
    await put();
    const before = await revision();
    await Promise.all(Array.from({ length: 10 }, put));
    expect(await revision()).toBe(before);
  });
});

describe('entity tags', () => {
  const reads = [
    '/',
    '/config',
    '/who-am-i',
    '/policies',
    '/_resources',
    '/meshes',
    '/meshes/default',
    '/meshes/default/meshtimeouts',
    '/meshtimeouts?size=2',
    '/meshes/default/secrets',
    '/globalsecrets',
    '/meshes/default/dataplanes',
    '/meshes/default/dataplanes/_overview',
    '/dataplanes+insights',
    '/meshes/default/dataplanes/tagged',
    '/meshes/default/dataplanes/tagged/_overview',
    '/meshes/default/dataplane-insights',
    '/zones',
    '/_audit',
    '/meshes/default/_changes?since=1',
  ];
  beforeAll(async () => {
    const networking = { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'a' } }] };
    const body = { type: 'Dataplane', mesh: 'default', name: 'tagged', networking };
    await api.request('PUT', '/meshes/default/dataplanes/tagged', { body });
  });

  it.each(reads)('GET %s carries one, and is not sent again to who holds it', async (path) => {
    const first = await api.request('GET', path);
    expect(first.status).toBe(200);
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\x21\x23-\x7e]+"$/);
    for (const held of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const again = await api.request('GET', path, { headers: { 'if-none-match': held } });
      expect([again.status, again.text, again.headers.get('etag')]).toStrictEqual([304, '', tag]);
    }
    for (const other of ['"x"', '', 'x', `${tag.slice(0, -1)}x"`]) {
      const again = await api.request('GET', path, { headers: { 'if-none-match': other } });
      expect([again.status, again.text]).toStrictEqual([200, first.text]);
    }
    const head = await api.request('HEAD', path, { headers: { 'if-none-match': tag } });
    expect(head.status).toBe(304);
  });

  it('of a list is another one once something in it has changed, and not before', async () => {
    const list = '/meshes/default/meshtimeouts';
    const tag = async () => (await api.request('GET', list)).headers.get('etag');
    const before = await tag();
    await api.request('PUT', '/meshes/default/secrets/other', {
      body: { type: 'Secret', mesh: 'default', name: 'other', data: 'YQ==' },
    });
    expect(await tag()).toBe(before);
    await api.request('PUT', '/meshes/default/meshtimeouts/new', { body: timeout('new', '1s') });
    const after = await tag();
    expect(after).not.toBe(before);
    await api.request('DELETE', '/meshes/default/meshtimeouts/new');
    expect(await tag()).toBe(before);
  });

  it('of what is refused there are none', async () => {
    const answer = await api.request('GET', '/meshes/none');
    expect([answer.status, answer.headers.get('etag')]).toStrictEqual([404, null]);
  });
});

describe('conditions of a write', () => {
  const path = '/meshes/default/meshtimeouts/conditional';
  let written = 0;
  const put = (headers: Record<string, string>) => {
    written += 1;
    return api.request('PUT', path, { body: timeout('conditional', `${written}s`), headers });
  };
  /** What comes of a condition, against nothing and against something whose tag is put for `T`. */
  const cases: readonly (readonly [string, string, number, number, number, number])[] = [
    // header, value, PUT of none, PUT of one, DELETE of none, DELETE of one
    ['if-match', '*', 412, 200, 412, 200],
    ['if-match', 'T', 412, 200, 412, 200],
    ['if-match', '"x", T', 412, 200, 412, 200],
    ['if-match', 'T , "x"', 412, 200, 412, 200],
    ['if-match', '"x"', 412, 412, 412, 412],
    ['if-match', 'W/T', 412, 412, 412, 412],
    ['if-match', 'x', 400, 400, 400, 400],
    ['if-match', '"x', 400, 400, 400, 400],
    ['if-none-match', '*', 201, 412, 404, 412],
    ['if-none-match', 'T', 201, 412, 404, 412],
    ['if-none-match', 'W/T', 201, 412, 404, 412],
    ['if-none-match', '"x"', 201, 200, 404, 200],
    ['if-none-match', '"x",T', 201, 412, 404, 412],
    ['if-none-match', '5', 400, 400, 400, 400],
  ];
  it.each(cases)('%s: %s', async (name, value, putNone, putOne, deleteNone, deleteOne) => {
    const header = (tag: string) => ({ [name]: value.replace('T', tag) });
    const remove = (headers = {}) => api.request('DELETE', path, { headers });
    await remove();
    expect((await remove(header('"0-0"'))).status).toBe(deleteNone);
    expect((await put(header('"0-0"'))).status).toBe(putNone);
    await put({});
    const tag = async () => (await api.request('GET', path)).headers.get('etag') ?? '';
    const before = await tag();
    expect((await put(header(before))).status).toBe(putOne);
    expect((await tag()) === before).toBe(putOne !== 200);
    expect((await remove(header(await tag()))).status).toBe(deleteOne);
    expect((await api.request('GET', path)).status).toBe(deleteOne === 200 ? 404 : 200);
  });

  it('hold where nothing is to change, too', async () => {
    const body = timeout('held', '1s');
    const at = '/meshes/default/meshtimeouts/held';
    const tag = (await api.request('PUT', at, { body })).headers.get('etag') ?? '';
    const again = (headers: Record<string, string>) => api.request('PUT', at, { body, headers });
    expect((await again({ 'if-match': tag })).status).toBe(200);
    expect((await again({ 'if-match': '"x"' })).status).toBe(412);
    expect((await again({ 'if-none-match': '*' })).status).toBe(412);
  });
});

describe('Idempotency-Key', () => {
  let made = 0;
  const newKey = () => {
    made += 1;
    return `key-${made}`;
  };
  const issue = (key: string, options: ApiRequest & { readonly name?: string } = {}) =>
    api.request('POST', '/tokens/dataplane', {
      body: { mesh: 'default', name: options.name ?? 'dp' },
      ...options,
      headers: { 'idempotency-key': key, accept: '*/*', ...options.headers },
    });
  const issued = async () => {
    const { body } = await api.request('GET', '/_audit?action=ISSUE&size=1000');
    return Object(body).items.length as number;
  };

  it('gives the same answer again, and does nothing', async () => {
    const key = newKey();
    const first = await issue(key);
    expect(first).toMatchObject({ status: 200, text: expect.stringMatching(/^ey/) });
    const before = await issued();
    api.advance(60_000);
    const again = await issue(key);
    expect([again.status, again.text]).toStrictEqual([200, first.text]);
    for (const name of ['content-type', 'cache-control']) {
      expect(again.headers.get(name), name).toBe(first.headers.get(name));
    }
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(await issued()).toBe(before);
    expect((await issue(newKey())).text).not.toBe(first.text);
  });

  it('may be quoted, as the draft has it', async () => {
    const key = newKey();
    const first = await issue(`"${key}"`);
    expect((await issue(key)).text).toBe(first.text);
  });

  it('with another request gets 422', async () => {
    const key = newKey();
    await issue(key);
    const other = await issue(key, { name: 'other' });
    expect(other).toMatchObject({ status: 422, body: { title: 'Unprocessable Content', status: 422 } });
    const elsewhere = await api.request('POST', '/tokens/zone', {
      body: { zone: 'z', scope: ['egress'] },
      headers: { 'idempotency-key': key },
    });
    expect(elsewhere.status).toBe(422);
  });

  it('at the same time is done once', async () => {
    const key = newKey();
    const before = await issued();
    const answers = await Promise.all(Array.from({ length: 8 }, () => issue(key)));
    const good = answers.filter(({ status }) => status === 200);
    const busy = answers.filter(({ status }) => status === 409);
    expect(good.length + busy.length).toBe(8);
    expect(new Set(good.map(({ text }) => text)).size).toBe(1);
    for (const { headers } of busy) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(await issued()).toBe(before + 1);
  });

  it('of what was refused may be used again', async () => {
    const key = newKey();
    expect((await issue(key, { body: { mesh: 'later', name: 'dp' } })).status).toBe(404);
    expect((await issue(key, { body: {} })).status).toBe(400);
    await api.request('PUT', '/meshes/later', { body: { type: 'Mesh', name: 'later' } });
    expect((await issue(key, { body: { mesh: 'later', name: 'dp' } })).status).toBe(200);
  });

  it('is one user’s of one tenant', async () => {
    const key = newKey();
    const first = await issue(key);
    const other = await issue(key, { tenant: 'other' });
    expect(other.status).toBe(200);
    expect(other.text).not.toBe(first.text);
    const user = await api.request('POST', '/tokens/user', {
      body: { name: 'bob', groups: ['mesh-system:admin'], validFor: '1h' },
    });
    const bob = await issue(key, {
      peer: '192.0.2.1',
      headers: { authorization: `Bearer ${user.text}` },
    });
    expect(bob.status).toBe(200);
    expect(bob.text).not.toBe(first.text);
  });

  it('gives nobody what they may not have', async () => {
    const key = newKey();
    await issue(key);
    expect((await issue(key, { peer: '192.0.2.1' })).status).toBe(403);
  });

  it('works for many documents at once', async () => {
    const request = {
      body: timeout('applied', '7s'),
      headers: { 'idempotency-key': newKey() },
    };
    const first = await api.request('POST', '/_apply', request);
    expect(first).toMatchObject({ status: 200, body: { summary: { create: 1 } } });
    const again = await api.request('POST', '/_apply', request);
    expect([again.status, again.text]).toStrictEqual([200, first.text]);
  });

  it.each(['""', 'a"b', 'é', '"a', 'x'.repeat(256), '"a\\b"'])('%j gets 400', async (key) => {
    expect((await issue(key)).status).toBe(400);
  });

  it.each(['x'.repeat(255), '8e03978e-40d5-43dd-bc93-6894a57f9324', 'a b', '"a\\"b"'])(
    '%j is taken',
    async (key) => {
      expect((await issue(key)).status).toBe(200);
    },
  );
});
