import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, type ApiRequest, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;
const elsewhere = '10.0.0.9';

/** A user token, made by the machine itself. */
async function tokenOf(name: string, ...groups: readonly string[]): Promise<string> {
  const { text, status } = await api.request('POST', '/tokens/user', {
    body: { name, groups, validFor: '1h' },
  });
  expect(status).toBe(200);
  return text;
}

/** Asks from elsewhere, with a token or, without one, as nobody. */
async function ask(token: string | undefined, method: string, path: string, request: ApiRequest = {}) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return await api.request(method, path, { peer: elsewhere, headers, ...request });
}

function mesh(name: string) {
  return { type: 'Mesh', name };
}

function timeout(name: string, inMesh: string, targetRef: object = { kind: 'Mesh' }) {
  const to = [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '1s' } }];
  return { type: 'MeshTimeout', mesh: inMesh, name, spec: { targetRef, to } };
}

function role(name: string, ...rules: readonly object[]) {
  return { type: 'AccessRole', name, rules };
}

function binding(name: string, group: string, ...roles: readonly string[]) {
  return { type: 'AccessRoleBinding', name, subjects: [{ type: 'Group', name: group }], roles };
}

/** Takes what a document names as its own place, as a resource beside the meshes. */
async function apply(path: string, body: { readonly name: string }, expected = 201) {
  const answer = await api.request('PUT', `/${path}/${body.name}`, { body });
  expect(answer).toMatchObject({ status: expected });
}

beforeAll(async () => {
  api = await createApiFixture(['acme', 'closed']);
  for (const name of ['a', 'b']) {
    await apply('meshes', mesh(name));
    await apply(`meshes/${name}/meshtimeouts`, timeout('own', name));
  }
  // What Kuma lets everybody do is taken away, so that roles alone count.
  for (const name of ['authenticated', 'unauthenticated']) {
    const path = `/access-role-bindings/${name}`;
    expect(await api.request('DELETE', path, { tenant: 'closed' })).toMatchObject({ status: 200 });
  }
});

afterAll(() => api.close());

describe('a tenant with the defaults of Kuma', () => {
  it.each<[string, string, string, number]>([
    ['nobody', 'GET', '/meshes', 200],
    ['nobody', 'GET', '/config', 200],
    ['nobody', 'GET', '/access-roles', 403],
    ['nobody', 'PUT', '/meshes/x', 403],
    ['nobody', 'DELETE', '/meshes/a', 403],
    ['bob', 'GET', '/access-roles', 403],
    ['bob', 'GET', '/access-role-bindings/admin', 403],
    ['bob', 'PUT', '/access-roles/mine', 403],
    ['bob', 'DELETE', '/access-role-bindings/admin', 403],
    ['bob', 'PUT', '/globalsecrets/user-token-signing-key-9', 403],
    ['bob', 'PUT', '/meshes/by-bob', 201],
  ])('%s: %s %s is %d', async (who, method, path, status) => {
    const token = who === 'nobody' ? undefined : await tokenOf(who);
    const name = path.split('/').at(-1) ?? '';
    const type = path.startsWith('/access-roles')
      ? 'AccessRole'
      : path.startsWith('/globalsecrets')
        ? 'GlobalSecret'
        : 'Mesh';
    const body = { type, name };
    expect(await ask(token, method, path, method === 'PUT' ? { body } : {})).toMatchObject({ status });
  });
});

it.each<[string, string, number]>([
  ['user', '{', 403],
  ['user', '{}', 403],
  ['zone', '{', 400],
  ['zone', '{"scope":7}', 400],
  ['zone', '{"zone":"x"}', 403],
  ['dataplane', '{', 400],
  ['dataplane', '{}', 400],
  ['dataplane', '{"mesh":"none"}', 403],
])('who may not make %s tokens and sends %s gets %d, as in the reference', async (kind, raw, status) => {
  const token = await tokenOf('bob');
  expect(await ask(token, 'POST', `/tokens/${kind}`, { raw })).toMatchObject({ status });
});

it('an answer that is kept for an Idempotency-Key is not given to who may do less under the same name', async () => {
  const [admin, guest] = [await tokenOf('ann', 'mesh-system:admin'), await tokenOf('ann', 'guests')];
  const body = { mesh: 'default', name: 'p', validFor: '1h' };
  const make = (token: string) =>
    api.request('POST', '/tokens/dataplane', {
      peer: elsewhere,
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'once' },
      body,
    });
  const made = await make(admin);
  expect(made.status).toBe(200);
  expect((await make(admin)).text).toBe(made.text);
  expect(await make(guest)).toMatchObject({ status: 403 });
});

describe('a tenant where only roles count', () => {
  const tenant = 'closed';
  it.each([
    ['/', 200],
    ['/meshes', 401],
    ['/meshes/none', 401],
    ['/config', 401],
    ['/who-am-i', 401],
  ])('nobody: %s is %d', async (path, status) => {
    expect(await ask(undefined, 'GET', path, { tenant })).toMatchObject({ status });
  });

  it('who proved who they are, and has no role, may do nothing', async () => {
    const body = { name: 'ann', validFor: '1h' };
    const { text } = await api.request('POST', '/tokens/user', { body, tenant });
    const headers = { authorization: `Bearer ${text}` };
    for (const path of [
      '/meshes',
      '/meshes/default/dataplanes',
      '/dataplanes',
      '/config',
      '/globalsecrets',
    ]) {
      expect(await ask(undefined, 'GET', path, { tenant, headers })).toMatchObject({
        status: 403,
        body: { title: 'Access Denied' },
      });
    }
    expect(await ask(undefined, 'GET', '/who-am-i', { tenant, headers })).toMatchObject({ status: 200 });
  });
});

describe('roles', () => {
  beforeAll(async () => {
    // Nothing but what is bound below counts for those who have a token.
    expect(await api.request('DELETE', '/access-role-bindings/authenticated')).toMatchObject({ status: 200 });
    await apply('access-roles', role('of-a', { mesh: 'a', access: ['CREATE', 'UPDATE', 'DELETE', 'READ'] }));
    await apply(
      'access-roles',
      role('backend', {
        mesh: 'b',
        types: ['MeshTimeout'],
        access: ['CREATE', 'UPDATE', 'DELETE'],
        when: [{ targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': 'backend' } } }],
      }),
    );
    await apply('access-role-bindings', binding('of-a', 'team-a', 'of-a'));
    await apply('access-role-bindings', binding('backend', 'backenders', 'backend', 'viewer'));
    await apply('access-role-bindings', binding('platform', 'platform', 'admin'));
  });

  it('are not shown among the types of Kuma', async () => {
    expect((await api.request('GET', '/_resources')).text).not.toContain('AccessRole');
    expect(await api.request('GET', '/access-roles/of-a')).toMatchObject({
      status: 200,
      body: role('of-a', { mesh: 'a', access: ['CREATE', 'UPDATE', 'DELETE', 'READ'] }),
    });
  });

  it('show lists over all meshes as far as they go', async () => {
    const token = await tokenOf('ann', 'team-a');
    expect(api.names(await ask(token, 'GET', '/meshes'))).toEqual(['a']);
    const timeouts = await ask(token, 'GET', '/meshtimeouts');
    expect(Object(timeouts.body).items.map((item: { mesh: string }) => item.mesh)).toEqual(['a', 'a', 'a']);
    expect(Object(timeouts.body).total).toBe(3);
    expect(await ask(token, 'GET', '/meshes/a/meshtimeouts/own')).toMatchObject({ status: 200 });
    expect(await ask(token, 'GET', '/meshes/a/_propagation')).toMatchObject({ status: 200 });
    for (const path of [
      '/meshes/b',
      '/meshes/none',
      '/meshes/b/_propagation',
      '/meshes/none/_propagation',
      '/meshes/b/meshtimeouts',
      '/meshes/none/meshtimeouts',
      '/zones',
    ]) {
      expect(await ask(token, 'GET', path)).toMatchObject({ status: 403 });
    }
    expect(await ask(token, 'GET', '/_kri/kri_mt_b__default_own_')).toMatchObject({ status: 403 });
  });

  it('limit writes to a mesh', async () => {
    const token = await tokenOf('ann', 'team-a');
    const put = (inMesh: string) =>
      ask(token, 'PUT', `/meshes/${inMesh}/meshtimeouts/new`, { body: timeout('new', inMesh) });
    expect(await put('a')).toMatchObject({ status: 201 });
    expect(await put('a')).toMatchObject({ status: 200 });
    expect(await put('b')).toMatchObject({ status: 403 });
    expect(await ask(token, 'DELETE', '/meshes/a/meshtimeouts/new')).toMatchObject({ status: 200 });
    expect(await ask(token, 'DELETE', '/meshes/b/meshtimeouts/own')).toMatchObject({ status: 403 });
  });

  it('limit writes to what a policy is about, before the change and after it', async () => {
    const token = await tokenOf('bob', 'backenders');
    const put = (name: string, service: string) => {
      const targetRef = { kind: 'MeshSubset', tags: { 'kuma.io/service': service } };
      return ask(token, 'PUT', `/meshes/b/meshtimeouts/${name}`, { body: timeout(name, 'b', targetRef) });
    };
    expect(await put('backend', 'backend')).toMatchObject({ status: 201 });
    expect(await put('backend', 'web')).toMatchObject({ status: 403 });
    expect(await put('other', 'web')).toMatchObject({ status: 403 });
    expect(await put('own', 'backend')).toMatchObject({ status: 403 });
    expect(await ask(token, 'DELETE', '/meshes/b/meshtimeouts/own')).toMatchObject({ status: 403 });
    expect(await ask(token, 'DELETE', '/meshes/b/meshtimeouts/backend')).toMatchObject({ status: 200 });
    expect(await ask(token, 'GET', '/meshes/b/meshtimeouts/own')).toMatchObject({ status: 200 });
  });

  it('count at once, and no more once they are gone', async () => {
    const token = await tokenOf('cas', 'late');
    expect(await ask(token, 'GET', '/zones')).toMatchObject({ status: 403 });
    await apply('access-role-bindings', binding('late', 'late', 'later'));
    expect(await ask(token, 'GET', '/zones')).toMatchObject({ status: 403 });
    await apply('access-roles', role('later', { types: ['Zone'], access: ['READ'] }));
    expect(await ask(token, 'GET', '/zones')).toMatchObject({ status: 200 });
    expect(await api.request('DELETE', '/access-role-bindings/late')).toMatchObject({ status: 200 });
    expect(await ask(token, 'GET', '/zones')).toMatchObject({ status: 403 });
  });

  it('make administrators, who are never locked out', async () => {
    const platform = await tokenOf('dan', 'platform');
    const admin = await tokenOf('eve', 'mesh-system:admin');
    expect(await ask(platform, 'DELETE', '/access-role-bindings/admin')).toMatchObject({ status: 200 });
    expect(await ask(admin, 'GET', '/globalsecrets')).toMatchObject({ status: 200 });
    expect(await ask(admin, 'DELETE', '/access-role-bindings/platform')).toMatchObject({ status: 200 });
    expect(await ask(platform, 'GET', '/globalsecrets')).toMatchObject({ status: 403 });
    expect(await ask(admin, 'DELETE', '/access-roles/admin')).toMatchObject({
      status: 400,
      body: { invalid_parameters: [{ field: 'name', reason: 'role "admin" cannot be removed' }] },
    });
    const weak = role('admin', { access: ['READ'] });
    expect(await ask(admin, 'PUT', '/access-roles/admin', { body: weak })).toMatchObject({ status: 400 });
  });

  it('make nobody an administrator, however much they allow', async () => {
    const { body: admin } = await api.request('GET', '/access-roles/admin');
    await apply('access-roles', role('all', ...Object(admin).rules));
    await apply('access-role-bindings', binding('all', 'nearly', 'all'));
    await apply('access-role-bindings', binding('bosses', 'bosses', 'admin'));
    const token = await tokenOf('mallory', 'nearly');
    const own = binding('own', 'nearly', 'admin');
    const key = { name: 'user-token-signing-key-9', data: 'eA==' };
    const attempts: readonly [string, string, object][] = [
      ['PUT', '/access-role-bindings/own', own],
      ['PUT', '/access-roles/all', role('all', { access: ['READ'] })],
      ['POST', '/_apply', [own]],
      ['PUT', '/globalsecrets/user-token-signing-key-9', { type: 'GlobalSecret', ...key }],
      ['POST', '/_apply', [{ type: 'GlobalSecret', ...key }]],
      ['PUT', '/meshes/a/secrets/x', { type: 'Secret', mesh: 'a', name: 'x', data: 'eA==' }],
      ['POST', '/tokens/user', { name: 'mallory', groups: ['mesh-system:admin'], validFor: '1h' }],
      ['POST', '/tokens/user', { name: 'mesh-system:admin', validFor: '1h' }],
      ['POST', '/tokens/user', { name: 'mallory', groups: ['bosses'], validFor: '1h' }],
    ];
    for (const [method, path, body] of attempts) {
      expect([path, (await ask(token, method, path, { body })).status]).toEqual([path, 403]);
    }
    for (const path of ['/globalsecrets', '/meshes/a/secrets', '/secrets', '/_audit', '/access-roles']) {
      expect([path, (await ask(token, 'GET', path)).status]).toEqual([path, 403]);
    }
    expect(await ask(token, 'PUT', '/meshes/c', { body: mesh('c') })).toMatchObject({ status: 201 });
    const user = { name: 'helper', groups: ['nearly'], validFor: '1h' };
    expect(await ask(token, 'POST', '/tokens/user', { body: user })).toMatchObject({ status: 200 });
  });

  it('name types that there are', async () => {
    const body = role('x', { mesh: 'a', access: ['READ'], types: ['MeshTimeouts', 'Zone', 'Mesh'] });
    expect(await api.request('PUT', '/access-roles/x', { body })).toMatchObject({
      status: 400,
      body: {
        invalid_parameters: [
          { field: 'rules[0].types[0]', reason: 'unknown type "MeshTimeouts"' },
          {
            field: 'rules[0].types[1]',
            reason: 'Zone is not in a mesh, so a rule with a mesh cannot be about it',
          },
        ],
      },
    });
  });

  it('warn of what has no effect', async () => {
    const body = role('y', { mesh: 'a', access: ['READ', 'GENERATE_USER_TOKEN'] });
    expect(await api.request('PUT', '/access-roles/y', { body })).toMatchObject({
      status: 201,
      body: { warnings: [expect.stringContaining('GENERATE_USER_TOKEN is not about a mesh')] },
    });
  });
});
