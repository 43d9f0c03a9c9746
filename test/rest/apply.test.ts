import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;
beforeEach(async () => {
  api = await createApiFixture(['acme']);
});
afterEach(() => api.close());

const timeout = (name: string, connectionTimeout: string, labels?: Record<string, string>) => ({
  type: 'MeshTimeout',
  mesh: 'shop',
  name,
  ...(labels && { labels }),
  spec: { to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout } }] },
});
const dataplane = (name: string, port = 80) => ({
  type: 'Dataplane',
  mesh: 'shop',
  name,
  networking: {
    address: '10.0.0.1',
    inbound: [{ port, tags: { 'kuma.io/service': 'web', 'kuma.io/protocol': 'http' } }],
  },
});
const shop = { type: 'Mesh', name: 'shop' };

const apply = (documents: unknown, query = '') => api.request('POST', `/_apply${query}`, { body: documents });
const timeouts = async () => api.names(await api.request('GET', '/meshes/shop/meshtimeouts'));

describe('POST /_apply', () => {
  it('makes a mesh with all that is in it in one commit, whatever the order of the documents', async () => {
    const answer = await apply([dataplane('web-1'), timeout('slow', '7s'), shop]);
    expect(answer.body).toMatchObject({
      dryRun: false,
      summary: { create: 3, update: 0, unchanged: 0, delete: 0 },
      revisions: { shop: 1 },
      changes: [
        { action: 'create', type: 'Mesh', name: 'shop' },
        { action: 'create', type: 'Dataplane', mesh: 'shop', name: 'web-1' },
        { action: 'create', type: 'MeshTimeout', mesh: 'shop', name: 'slow' },
      ],
    });
    // What a new mesh has comes along.
    expect(await timeouts()).toEqual(['mesh-gateways-timeout-all-shop', 'mesh-timeout-all-shop', 'slow']);
  });

  it('lets a document count more than what comes with a mesh', async () => {
    expect((await apply([shop, timeout('mesh-timeout-all-shop', '7s')])).status).toBe(200);
    const found = await api.request('GET', '/meshes/shop/meshtimeouts/mesh-timeout-all-shop');
    expect(found.body).toMatchObject({ spec: { to: [{ default: { connectionTimeout: '7s' } }] } });
  });

  it('changes nothing the second time', async () => {
    const documents = [shop, dataplane('web-1'), timeout('slow', '7s')];
    await apply(documents);
    const again = await apply(documents);
    expect(again.body).toMatchObject({ summary: { create: 0, update: 0, unchanged: 3 }, revisions: {} });
    const read = await api.request('GET', '/meshes/shop/dataplanes/web-1');
    expect(read.headers.get('etag')).toMatch(/^"1-/);
  });

  it('tells what is different of an update', async () => {
    await apply([shop, timeout('slow', '7s')]);
    const answer = await apply([timeout('slow', '9s')]);
    expect(answer.body).toMatchObject({
      changes: [
        {
          action: 'update',
          differences: [{ path: '/spec/to/0/default/connectionTimeout', before: '7s', after: '9s' }],
        },
      ],
    });
  });

  it('writes nothing in a dry run, and says the same as the run', async () => {
    const documents = [shop, dataplane('web-1')];
    const dry = await apply(documents, '?dryRun=true');
    expect(dry.body).toMatchObject({ dryRun: true, summary: { create: 2 }, revisions: {} });
    expect((await api.request('GET', '/meshes/shop')).status).toBe(404);
    const run = await apply(documents);
    expect(Object(run.body).changes).toEqual(Object(dry.body).changes);
  });

  it('tells of all that is wrong in all documents, and writes nothing of any', async () => {
    const answer = await apply([
      shop,
      dataplane('ok'),
      dataplane('bad', 70_000),
      { type: 'Nothing', name: 'x' },
      { type: 'MeshTimeout', mesh: 'shop', name: 'slow', spec: { to: 1 } },
      { type: 'DataplaneInsight', mesh: 'shop', name: 'ok' },
      { type: 'Mesh' },
      dataplane('ok'),
    ]);
    expect(answer.status).toBe(400);
    expect(Object(answer.body).invalid_parameters).toEqual([
      { field: 'documents[3].type', reason: 'unknown resource type "Nothing"' },
      { field: 'documents[5].type', reason: 'DataplaneInsight is written by the control plane alone' },
      { field: 'documents[6].name', reason: 'must name the resource' },
      { field: 'documents[7]', reason: 'is about the same resource as documents[1]' },
      { field: 'documents[2].networking.inbound[0].port', reason: 'port must be in the range [1, 65535]' },
      { field: 'documents[4].spec.to', reason: expect.stringContaining('must be of type array') },
    ]);
    expect((await api.request('GET', '/meshes/shop')).status).toBe(404);
  });

  it('says which mesh there is not', async () => {
    const answer = await apply([dataplane('web-1')]);
    expect(Object(answer.body).invalid_parameters).toEqual([
      { field: 'documents[0].mesh', reason: 'mesh of name shop is not found' },
    ]);
  });

  it('deletes what has the labels and no document', async () => {
    const labels = { 'team.example/owner': 'red' };
    const other = timeout('other', '1s', { 'team.example/owner': 'blue' });
    await apply([shop, timeout('one', '1s', labels), timeout('two', '1s', labels), other]);
    const query = '?prune=team.example%2Fowner%3Dred';
    const dry = await apply([timeout('one', '1s', labels)], `${query}&dryRun=true`);
    expect(dry.body).toMatchObject({ summary: { unchanged: 1, delete: 1 } });
    expect(await timeouts()).toContain('two');
    const run = await apply([timeout('one', '1s', labels)], query);
    expect(run.body).toMatchObject({
      changes: [
        { action: 'unchanged', name: 'one' },
        { action: 'delete', type: 'MeshTimeout', mesh: 'shop', name: 'two' },
      ],
    });
    expect(await timeouts()).toEqual([
      'mesh-gateways-timeout-all-shop',
      'mesh-timeout-all-shop',
      'one',
      'other',
    ]);
  });

  it('does not prune by labels that the documents have not', async () => {
    const answer = await apply([shop, timeout('one', '1s')], '?prune=a%3Db');
    expect(Object(answer.body).invalid_parameters).toEqual([
      {
        field: 'documents[0].labels["a"]',
        reason: 'must be "b": the next apply would prune what has it not',
      },
      {
        field: 'documents[1].labels["a"]',
        reason: 'must be "b": the next apply would prune what has it not',
      },
    ]);
  });

  it('never shows what is in a secret', async () => {
    const secret = (data: string) => ({ type: 'Secret', mesh: 'shop', name: 's', data });
    await apply([shop, secret('b25l')]);
    const answer = await apply([secret('dHdv')]);
    expect(answer.body).toMatchObject({ changes: [{ action: 'update', differences: [{ path: '/data' }] }] });
    expect(answer.text).not.toMatch(/b25l|dHdv/);
    expect((await apply([secret('dHdv')])).body).toMatchObject({ changes: [{ action: 'unchanged' }] });
    const read = await api.request('GET', '/meshes/shop/secrets/s');
    expect(read.body).toMatchObject({ data: 'dHdv' });
  });

  it('takes a stream of YAML', async () => {
    const raw =
      '---\ntype: Mesh\nname: shop\n---\n# nothing\n---\ntype: Secret\nmesh: shop\nname: s\ndata: b25l\n';
    const answer = await api.request('POST', '/_apply', {
      raw,
      headers: { 'content-type': 'application/yaml; charset=utf-8' },
    });
    expect(answer.body).toMatchObject({ summary: { create: 2 } });
  });

  it('takes what a list of the API answers', async () => {
    await apply([shop, timeout('slow', '7s')]);
    // What the control plane made by itself gets its labels with its first write, as in Kuma.
    await apply((await api.request('GET', '/meshes/shop/meshtimeouts')).body);
    const list = await api.request('GET', '/meshes/shop/meshtimeouts');
    expect((await apply(list.body)).body).toMatchObject({ summary: { unchanged: 3 } });
  });

  it.each([
    ['nothing', '', 'application/json', 'the body is empty'],
    ['no JSON', '{', 'application/json', 'the body is no JSON'],
    ['a list of texts', '["x"]', 'application/json', 'documents[0]: must be an object'],
    ['a deep document', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'application/json', 'nested deeper'],
    ['no YAML', 'a: [', 'application/yaml', 'documents[0]: '],
    ['aliases that grow', `a: &a [x]\nb: &b [${'*a,'.repeat(60)}]`, 'application/yaml', 'documents[0]: '],
    ['a long YAML document', `a: ${'x'.repeat(40_000)}`, 'application/yaml', 'use JSON'],
  ])('refuses %s', async (_name, raw, type, words) => {
    const answer = await api.request('POST', '/_apply', { raw, headers: { 'content-type': type } });
    expect(answer.status).toBe(400);
    expect(Object(answer.body).detail).toContain(words);
  });

  it.each([
    ['?dryRun=yes', 'dryRun must be true or false, got "yes"'],
    ['?prune=a', 'prune must be <label>=<value>, got "a"'],
  ])('refuses %s', async (query, words) => {
    const answer = await apply([shop], query);
    expect([answer.status, Object(answer.body).detail]).toEqual([400, words]);
  });

  it('refuses more documents than it takes', async () => {
    const answer = await apply(Array.from({ length: 501 }, (_, position) => dataplane(`d-${position}`)));
    expect(answer.status).toBe(413);
  });

  it('leaves nothing of a mesh whose documents are too many for one commit', async () => {
    await apply([shop]);
    const answer = await apply(Array.from({ length: 200 }, (_, position) => dataplane(`d-${position}`)));
    expect(answer.status).toBe(413);
    expect((await api.request('GET', '/meshes/shop/dataplanes')).body).toMatchObject({ total: 0 });
  });

  it('is for those who may write', async () => {
    const answer = await api.request('POST', '/_apply', { body: [shop], peer: '192.0.2.7' });
    expect(answer.status).toBe(403);
  });

  it('shows nothing of what is there to those who may write and not read', async () => {
    await apply([shop, timeout('slow', '7s')]);
    const rules = [{ types: ['MeshTimeout'], access: ['UPDATE'] }];
    await apply([
      { type: 'AccessRole', name: 'writer', rules },
      { type: 'AccessRoleBinding', name: 'w', subjects: [{ type: 'Group', name: 'ci' }], roles: ['writer'] },
    ]);
    for (const name of ['authenticated', 'unauthenticated']) {
      await api.request('DELETE', `/access-role-bindings/${name}`);
    }
    const token = await api.request('POST', '/tokens/user', {
      body: { name: 'ci', groups: ['ci'], validFor: '1h' },
    });
    const answer = await api.request('POST', '/_apply', {
      body: [timeout('slow', '9s')],
      peer: '192.0.2.7',
      headers: { authorization: `Bearer ${token.text}` },
    });
    expect(answer.body).toMatchObject({ changes: [{ action: 'update', name: 'slow' }] });
    expect(answer.text).not.toContain('7s');
  });

  it('wins against others who write at the same time', async () => {
    await apply([shop]);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, position) =>
        apply([timeout('slow', `${position + 1}s`), dataplane(`d-${position}`)]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect((await api.request('GET', '/meshes/shop/dataplanes')).body).toMatchObject({ total: 8 });
  });
});
