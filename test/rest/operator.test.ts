import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import {
  type ApiAnswer,
  type ApiFixture,
  baseDomain,
  createApiFixture,
  operatorToken,
  quarantineMs,
} from '../support/api-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['globex']);
});
afterAll(() => api.close());

const operator = { authorization: `Bearer ${operatorToken}` };

function ask(method: string, path: string, body?: unknown, headers = {}): Promise<ApiAnswer> {
  return api.request(method, path, { host: baseDomain, headers: { ...operator, ...headers }, body });
}

const member = (answer: ApiAnswer, name: string) => Object(answer.body)[name];

describe('the operator', () => {
  it('makes a tenant, whose administrator is at home at once', async () => {
    const made = await ask('POST', '/tenants', { id: 'acme', displayName: 'ACME', quotas: { meshes: 2 } });
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.body).toEqual({
      id: 'acme',
      displayName: 'ACME',
      state: 'active',
      quotas: {
        meshes: 2,
        dataplanes: 10_000,
        resources: 100_000,
        requestsPerSecond: 500,
        tokensPerSecond: 100,
      },
      settings: { auditRetentionDays: 90, access: 'closed' },
      creationTime: expect.any(String),
      modificationTime: expect.any(String),
      version: 2,
      adminToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    const token = String(member(made, 'adminToken'));
    for (const [host, prefix] of [
      [`acme.${baseDomain}`, ''],
      [baseDomain, '/tenants/acme/api'],
    ] as const) {
      const headers = { authorization: `Bearer ${token}` };
      const who = await api.request('GET', `${prefix}/who-am-i`, { host, headers });
      expect(who.body).toMatchObject({ name: 'mesh-system:admin' });
    }
  });

  it('makes it once, however often it is told to', async () => {
    const order = { id: 'twice', quotas: { meshes: 2 } };
    const answers = await Promise.all([1, 2, 3].map(() => ask('POST', '/tenants', order)));
    expect(answers.map(({ status }) => status).every((status) => status === 201 || status === 200)).toBe(
      true,
    );
    expect(member(await ask('POST', '/tenants', order), 'adminToken')).toBeUndefined();
    const other = await ask('POST', '/tenants', { id: 'twice' });
    expect([other.status, member(other, 'detail')]).toEqual([409, 'tenant "twice" already exists']);
  });

  it('reads and changes what it is told to, by the version that it knows', async () => {
    const made = await ask('PUT', '/tenants/changing', {});
    expect(made.status).toBe(201);
    const read = await ask('GET', '/tenants/changing');
    const etag = read.headers.get('etag') ?? '';
    expect(etag).toBe(made.headers.get('etag'));
    const again = await ask('PUT', '/tenants/changing', read.body);
    expect([again.status, again.headers.get('etag')]).toEqual([200, etag]);
    const change = { ...Object(read.body), quotas: { meshes: null, requestsPerSecond: 7 } };
    const changed = await ask('PUT', '/tenants/changing', change, { 'if-match': etag });
    expect(member(changed, 'quotas')).toMatchObject({
      meshes: null,
      requestsPerSecond: 7,
      dataplanes: 10_000,
    });
    expect((await ask('PUT', '/tenants/changing', change, { 'if-match': etag })).status).toBe(412);
    expect((await ask('PUT', '/tenants/changing', change, { 'if-none-match': '*' })).status).toBe(412);
    expect((await ask('PUT', '/tenants/none', {}, { 'if-match': etag })).status).toBe(412);
    expect((await ask('DELETE', '/tenants/changing', undefined, { 'if-match': etag })).status).toBe(412);
    expect((await ask('GET', '/tenants/none')).status).toBe(404);
  });

  it('lists in pages, with links to the next', async () => {
    for (const name of ['list-1', 'list-2', 'list-3']) {
      await ask('PUT', `/tenants/${name}`, {});
    }
    const names: string[] = [];
    let link: string | null = '/tenants?size=2';
    while (link !== null) {
      const page: ApiAnswer = await ask('GET', link);
      const { items, next }: { items: { id: string }[]; next: string | null } = Object(page.body);
      expect(items.length).toBeLessThanOrEqual(2);
      names.push(...items.map(({ id }) => id));
      link = next === null ? null : next.slice(new URL(next).origin.length);
    }
    expect(names).toEqual(expect.arrayContaining(['globex', 'list-1', 'list-2', 'list-3']));
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('suspends and resumes, and gives a new token to an administrator who lost theirs', async () => {
    await ask('PUT', '/tenants/lost', {});
    expect(member(await ask('POST', '/tenants/lost/suspend'), 'state')).toBe('suspended');
    const issued = await ask('POST', '/tenants/lost/admin-token', { validFor: '1h' });
    expect([issued.status, issued.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const headers = { authorization: `Bearer ${member(issued, 'token')}` };
    const meshes = () => api.request('GET', '/meshes', { host: `lost.${baseDomain}`, headers });
    const suspended = await meshes();
    expect([suspended.status, suspended.body]).toEqual([
      403,
      expect.objectContaining({ title: 'Suspended', detail: 'this control plane is suspended' }),
    ]);
    expect(member(await ask('POST', '/tenants/lost/resume'), 'state')).toBe('active');
    expect((await meshes()).status).toBe(200);
    api.advance(3_600_000);
    expect((await meshes()).status).toBe(401);
    expect((await ask('POST', '/tenants/lost/admin-token')).status).toBe(200);
  });

  it('deletes everything, and the name is free when it is done', async () => {
    await ask('PUT', '/tenants/going', {});
    const gone = await ask('DELETE', '/tenants/going');
    expect([gone.status, member(gone, 'state')]).toEqual([202, 'deleting']);
    expect((await ask('DELETE', '/tenants/going')).status).toBe(202);
    for (const [method, path, body] of [
      ['PUT', '/tenants/going', {}],
      ['POST', '/tenants', { id: 'going' }],
      ['POST', '/tenants/going/resume', undefined],
      ['POST', '/tenants/going/admin-token', undefined],
      ['GET', '/tenants/going/usage', undefined],
    ] as const) {
      expect([method, path, (await ask(method, path, body)).status]).toEqual([method, path, 409]);
    }
    await api.tenants.removeDeleted();
    expect((await ask('GET', '/tenants/going')).status).toBe(200);
    api.advance(quarantineMs);
    await api.tenants.removeDeleted();
    expect((await ask('GET', '/tenants/going')).status).toBe(404);
    expect((await ask('POST', '/tenants', { id: 'going' })).status).toBe(201);
  });

  it('makes a tenant under a name that was free again, with a trail of its own', async () => {
    await ask('PUT', '/tenants/phoenix', { displayName: 'first' });
    await ask('DELETE', '/tenants/phoenix');
    api.advance(quarantineMs);
    await api.tenants.removeDeleted();
    const made = await ask('PUT', '/tenants/phoenix', { displayName: 'second' });
    const headers = { authorization: `Bearer ${member(made, 'adminToken')}` };
    const trail = await api.request('GET', '/_audit', { host: `phoenix.${baseDomain}`, headers });
    const records: { readonly type: string; readonly action: string; readonly after?: unknown }[] = member(
      trail,
      'items',
    );
    expect(
      records.filter(({ type }) => type === 'Tenant').map(({ action, after }) => [action, after]),
    ).toEqual([['CREATE', expect.objectContaining({ displayName: 'second' })]]);
  });

  it('sees what a tenant has and uses', async () => {
    const made = await ask('PUT', '/tenants/used', {});
    const headers = { authorization: `Bearer ${member(made, 'adminToken')}` };
    const host = `used.${baseDomain}`;
    await api.request('PUT', '/meshes/two', { host, headers, body: { type: 'Mesh', name: 'two' } });
    const body = { mesh: 'two', name: 'x', validFor: '1h' };
    await api.request('POST', '/tokens/dataplane', { host, headers, body });
    await api.request('GET', '/meshes', { host });
    const usage = await ask('GET', '/tenants/used/usage');
    expect(usage.body).toMatchObject({ meshes: 2, dataplanes: 0, requests: 2, tokens: 1 });
  });

  it.each<[string, string, unknown, readonly string[]]>([
    ['POST', '/tenants', {}, ['id']],
    ['POST', '/tenants', { id: 'A_B' }, ['id']],
    ['POST', '/tenants', { id: `${'x'.repeat(64)}` }, ['id']],
    ['PUT', '/tenants/A_B', {}, ['id']],
    ['PUT', '/tenants/one', { id: 'two' }, ['id']],
    ['PUT', '/tenants/one', { colour: 'red', quotas: { cpus: 1 } }, ['quotas.cpus', 'colour']],
    [
      'PUT',
      '/tenants/one',
      { quotas: { meshes: -1, resources: 1.5 } },
      ['quotas.meshes', 'quotas.resources'],
    ],
    ['PUT', '/tenants/one', { settings: { access: 'open' } }, ['settings.access']],
    ['PUT', '/tenants/one', { displayName: 'x'.repeat(201) }, ['displayName']],
    ['PUT', '/tenants/one', [], ['']],
    ['POST', '/tenants/globex/admin-token', { validFor: 'soon' }, ['validFor']],
    ['POST', '/tenants/globex/admin-token', { validFor: '0s' }, ['validFor']],
    ['GET', '/tenants?size=0', undefined, ['size']],
  ])('%s %s with %j is told what is wrong with it', async (method, path, body, fields) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(400);
    const wrong: { field: string }[] = member(answer, 'invalid_parameters');
    expect(wrong.map(({ field }) => field).sort()).toEqual([...fields].sort());
  });

  it.each([
    ['PUT', '/tenants/one', '{', 400],
    ['PUT', '/tenants/one', `{"displayName":${'['.repeat(100)}${']'.repeat(100)}}`, 400],
    ['PUT', '/tenants/one', `{"displayName":"${'x'.repeat(1024 * 1024)}"}`, 413],
    ['PUT', '/tenants/one', '{"__proto__":{"x":1}}', 400],
    ['PATCH', '/tenants/one', '{}', 405],
    ['GET', '/tenants/one/two', undefined, 404],
    ['GET', '/tenants/A_B', undefined, 404],
  ])('%s %s is refused: %#', async (method, path, raw, status) => {
    const answer = await api.request(method, path, {
      host: baseDomain,
      headers: operator,
      ...(raw !== undefined && { raw }),
    });
    expect(answer.status).toBe(status);
  });
});

describe('a tenant in the path', () => {
  it('is in the links to further pages', async () => {
    const headers = { authorization: `Bearer ${api.adminTokens.get('globex')}` };
    for (const name of ['a', 'b', 'c']) {
      const body = { type: 'Mesh', name };
      await api.request('PUT', `/tenants/globex/api/meshes/${name}`, { host: baseDomain, headers, body });
    }
    const page = await api.request('GET', '/tenants/globex/api/meshes?size=2', { host: baseDomain, headers });
    expect(member(page, 'next')).toBe('http://localhost:5681/tenants/globex/api/meshes?offset=2&size=2');
    const next = String(member(page, 'next')).slice('http://localhost:5681'.length);
    const rest = await api.request('GET', next, { host: baseDomain, headers });
    expect(api.names(rest)).toEqual(['c', 'default']);
  });

  it.each(['/tenants/globex/api', '/tenants/globex/api/'])('has an index at %s', async (path) => {
    expect((await api.request('GET', path, { host: baseDomain })).body).toMatchObject({ product: 'Kuma' });
  });
});

describe('quotas', () => {
  const host = `small.${baseDomain}`;
  let headers: { authorization: string };
  const dataplane = (mesh: string, name: string) => ({
    type: 'Dataplane',
    mesh,
    name,
    networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }] },
  });
  const put = (path: string, body: unknown) => api.request('PUT', path, { host, headers, body });

  beforeAll(async () => {
    const quotas = { meshes: 3, dataplanes: 10, resources: 100, requestsPerSecond: null, tokensPerSecond: 2 };
    const made = await ask('PUT', '/tenants/small', { quotas });
    headers = { authorization: `Bearer ${member(made, 'adminToken')}` };
  });

  it('refuse what is one too many, and take it when there is room again', async () => {
    expect((await put('/meshes/two', { type: 'Mesh', name: 'two' })).status).toBe(201);
    expect((await put('/meshes/three', { type: 'Mesh', name: 'three' })).status).toBe(201);
    const refused = await put('/meshes/four', { type: 'Mesh', name: 'four' });
    expect([refused.status, refused.headers.get('retry-after'), refused.body]).toEqual([
      429,
      '60',
      expect.objectContaining({
        type: '/std-errors',
        status: 429,
        title: 'Too Many Requests',
        detail: 'the quota is 3 meshes, this would make it 4',
      }),
    ]);
    expect((await put('/meshes/two', { type: 'Mesh', name: 'two', labels: { a: 'b' } })).status).toBe(200);
    expect((await api.request('DELETE', '/meshes/three', { host, headers })).status).toBe(200);
    expect((await put('/meshes/four', { type: 'Mesh', name: 'four' })).status).toBe(201);
  });

  it('hold however many write at once, into several meshes', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => {
        const mesh = ['default', 'two', 'four'][n % 3] ?? '';
        return put(`/meshes/${mesh}/dataplanes/dp-${n}`, dataplane(mesh, `dp-${n}`));
      }),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30);
    const tenant = tenantId('small');
    expect((await api.tenants.usage(tenant)).dataplanes).toBe(10);
    const there = answers.findIndex(({ status }) => status === 201);
    const mesh = ['default', 'two', 'four'][there % 3] ?? '';
    const path = `/meshes/${mesh}/dataplanes/dp-${there}`;
    expect((await put(path, { ...dataplane(mesh, `dp-${there}`), labels: { a: 'b' } })).status).toBe(200);
    expect((await api.request('DELETE', path, { host, headers })).status).toBe(200);
    expect((await put(path, dataplane(mesh, `dp-${there}`))).status).toBe(201);
  });

  it('count tokens that are issued a second', async () => {
    const issue = () =>
      api.request('POST', '/tokens/dataplane', { host, headers, body: { mesh: 'two', name: 'x' } });
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      statuses.push((await issue()).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    expect((await issue()).headers.get('retry-after')).toBe('1');
    api.advance(1_000);
    expect((await issue()).status).toBe(200);
  });

  it('count requests a second, of those alone who belong to the tenant', async () => {
    await ask('PUT', '/tenants/small', { quotas: { requestsPerSecond: 2 } });
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      statuses.push((await api.request('GET', '/meshes', { host, headers })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    const stranger = await api.request('GET', '/meshes', { host, peer: '192.0.2.1' });
    expect(stranger.status).toBe(401);
    const elsewhere = await api.request('GET', '/meshes', {
      host: `globex.${baseDomain}`,
      headers: { authorization: `Bearer ${api.adminTokens.get('globex')}` },
    });
    expect(elsewhere.status).toBe(200);
  });
});
