import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import { secretData, secretSpec } from '../../src/secrets/secret-data.ts';
import { partitionsOfTenant } from '../../src/store/indexed-items.ts';
import { pagesOf } from '../../src/store/pages.ts';
import { tenantSpecSchema } from '../../src/tenancy/tenant-record.ts';
import { newSigningKey } from '../../src/tokens/new-signing-key.ts';
import {
  type ApiAnswer,
  type ApiFixture,
  baseDomain,
  createApiFixture,
  operatorToken,
  quarantineMs,
} from '../support/api-fixture.ts';

/** Whose things must be safe, somebody else, one that is suspended, one that is being deleted, and one that never was. */
const acme = tenantId('acme');
const globex = tenantId('globex');
const sleeping = tenantId('sleeping');
const leaving = tenantId('leaving');
const nobody = tenantId('nobody');

let api: ApiFixture;
/** What the columns of the table show for authorization. */
const shown = new Map<string, string | undefined>();
const admins = new Map<string, string>();

const outsiders = ['other tenant', 'no token', 'expired', 'revoked', 'alg none', 'key confusion'] as const;
const columns = [...outsiders, 'read-only'] as const;

const hostOf = (tenant: string) => `${tenant}.${baseDomain}`;
const bearer = (token: string | undefined) => ({
  authorization: token === undefined ? undefined : `Bearer ${token}`,
});
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function asAdmin(tenant: string, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
  const headers = bearer(admins.get(tenant));
  const answer = await api.request(method, path, { host: hostOf(tenant), headers, body, peer: '192.0.2.1' });
  if (answer.status >= 300) {
    throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  }
  return answer;
}

async function userToken(request: object): Promise<string> {
  return (await asAdmin(acme, 'POST', '/tokens/user', { validFor: '1h', ...request })).text;
}

/** A token that anybody can make who knows the public key: it is signed with that, as if it were a shared secret. */
async function confusedToken(): Promise<string> {
  const name = 'user-token-signing-key-1';
  const key = await api.resources.get(acme, { type: 'GlobalSecret', mesh: '', name });
  const pem = createPublicKey(key === undefined ? '' : secretData(key)).export({
    type: 'spki',
    format: 'pem',
  });
  const signed = `${base64url({ alg: 'HS256', kid: '1' })}.${base64url(adminClaims)}`;
  return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
}

const adminClaims = { Name: 'mesh-system:admin', Groups: ['mesh-system:admin'], iss: acme, jti: 'forged' };

beforeAll(async () => {
  api = await createApiFixture([globex], { signingKeys: newSigningKey });
  admins.set(globex, api.adminTokens.get(globex) ?? '');
  for (const tenant of [acme, sleeping, leaving]) {
    const { adminToken = '' } = await api.tenants.create(tenant, tenantSpecSchema.parse({}));
    admins.set(tenant, adminToken);
  }
  await asAdmin(acme, 'PUT', '/meshes/default/dataplanes/thing', {
    type: 'Dataplane',
    mesh: 'default',
    name: 'thing',
    networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }] },
  });
  await asAdmin(acme, 'PUT', '/access-role-bindings/readers', {
    type: 'AccessRoleBinding',
    name: 'readers',
    subjects: [{ type: 'Group', name: 'readers' }],
    roles: ['viewer'],
  });

  const expired = await userToken({
    name: 'mesh-system:admin',
    groups: ['mesh-system:admin'],
    validFor: '1s',
  });
  const revoked = await userToken({ name: 'mesh-system:admin', groups: ['mesh-system:admin'] });
  const { jti } = JSON.parse(Buffer.from(revoked.split('.')[1] ?? '', 'base64url').toString());
  const spec = secretSpec(String(jti));
  const key = { type: 'GlobalSecret', mesh: '', name: 'user-token-revocations' };
  await api.resources.commit(acme, [{ kind: 'put', draft: { ...key, labels: {}, spec } }]);
  api.advance(2_000);

  shown.set('other tenant', `Bearer ${admins.get(globex)}`);
  shown.set('no token', undefined);
  shown.set('expired', `Bearer ${expired}`);
  shown.set('revoked', `Bearer ${revoked}`);
  shown.set('alg none', `Bearer ${base64url({ alg: 'none', kid: '1' })}.${base64url(adminClaims)}.`);
  shown.set('key confusion', `Bearer ${await confusedToken()}`);
  shown.set('read-only', `Bearer ${await userToken({ name: 'reader', groups: ['readers'] })}`);

  await api.tenants.suspend(sleeping, () => undefined);
  await api.tenants.delete(leaving, () => undefined);
});
afterAll(() => api.close());

/** Everything that a tenant has in the table, but what it has used. */
async function contentOf(tenant: typeof acme): Promise<ReadonlyMap<string, string>> {
  const content = new Map<string, string>();
  for await (const partitions of partitionsOfTenant(api.table, tenant)) {
    for (const partition of partitions.filter((each) => each !== 'usage')) {
      for await (const page of pagesOf(api.table, tenant, { partition })) {
        for (const { sort, version, value } of page) {
          content.set(`${partition} ${sort}`, `${version} ${String(value)}`);
        }
      }
    }
  }
  return content;
}

/** A path that leads to something that is there, where there is something. */
function pathOf(template: string): string {
  const name = template.includes('dataplanes')
    ? 'thing'
    : template.startsWith('/meshes/:name')
      ? 'default'
      : 'readers';
  return template
    .replace(':mesh', 'default')
    .replace(':name', name)
    .replace(':kri', 'kri_dp_default_default__thing_')
    .replaceAll(/:\w+/g, 'thing');
}

const tokenRequest = {
  mesh: 'default',
  name: 'thing',
  zone: 'default',
  scope: ['ingress'],
  groups: ['mesh-system:admin'],
  validFor: '1h',
};
const dataplane = {
  type: 'Dataplane',
  mesh: 'default',
  name: 'thing',
  networking: { address: '10.0.0.9', inbound: [{ port: 81, tags: { 'kuma.io/service': 'stolen' } }] },
};

function ask(tenant: string, method: string, path: string, column: string): Promise<ApiAnswer> {
  return api.request(method, path, {
    host: hostOf(tenant),
    peer: '192.0.2.1',
    headers: { authorization: shown.get(column), 'x-request-id': 'the-same' },
    ...(method !== 'GET' && { body: path.startsWith('/tokens') ? tokenRequest : dataplane }),
    leaveBody: path === '/_events' && column === 'read-only',
  });
}

const refused = {
  type: '/std-errors',
  status: 401,
  title: 'Invalid authentication data',
  detail: 'Unauthenticated',
  details: 'Unauthenticated',
};

/** All that an answer tells. */
const whole = ({ status, headers, text }: ApiAnswer) => ({
  status,
  headers: Object.fromEntries(headers),
  text,
});

/** Reading that a viewer may not do. */
const hidden = [/secrets/, /^\/access-role/, /^\/_audit$/];
/** Reading that the thing in question is not made for. */
const unfit = [/:collection/, /_layout$/];

describe('every route of the API', () => {
  it('is in the table', () => {
    const paths = new Set(api.routes.map(({ path }) => path));
    for (const path of ['/', '/meshes/:name', '/tokens/user', '/globalsecrets/:name', '/_audit', '/_apply']) {
      expect([...paths]).toContain(path);
    }
    expect(paths.size).toBeGreaterThan(100);
  });

  it.each(outsiders)('refuses a caller with %s, and tells nothing', async (column) => {
    const before = await contentOf(acme);
    expect(before.size).toBeGreaterThan(20);
    const wrong: string[] = [];
    for (const { method, path } of api.routes) {
      const answer = await ask(acme, method, pathOf(path), column);
      const index = path === '/' && column === 'no token';
      const right = index
        ? answer.status === 200
        : answer.status === 401 && JSON.stringify(answer.body) === JSON.stringify(refused);
      if (!right) {
        wrong.push(`${method} ${path}: ${answer.status} ${answer.text}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(await contentOf(acme)).toEqual(before);
  });

  it('lets a reader read what is no secret, and write nothing', async () => {
    const before = await contentOf(acme);
    const wrong: string[] = [];
    for (const { method, path } of api.routes) {
      const answer = await ask(acme, method, pathOf(path), 'read-only');
      const isRead = method === 'GET' && !hidden.some((each) => each.test(path));
      const found = unfit.some((each) => each.test(path)) ? [400] : [200, 404];
      const right = isRead ? found : method === 'GET' ? [403] : [403, 405];
      if (!right.includes(answer.status)) {
        wrong.push(`${method} ${path}: ${answer.status} ${answer.text}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(await contentOf(acme)).toEqual(before);
  });

  it.each(outsiders)('answers a caller with %s as if the tenant were not there', async (column) => {
    const wrong: string[] = [];
    for (const { method, path } of api.routes) {
      const [there, ...others] = await Promise.all(
        [acme, sleeping, leaving, nobody].map((tenant) => ask(tenant, method, pathOf(path), column)),
      );
      for (const other of others) {
        if (there === undefined || JSON.stringify(whole(there)) !== JSON.stringify(whole(other))) {
          wrong.push(`${method} ${path}: ${there?.text} and ${other.text}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('tells those who belong to it that a tenant is suspended, and those of one that is deleted nothing', async () => {
    const answers = await Promise.all(
      [sleeping, leaving].map((tenant) =>
        api.request('GET', '/meshes', { host: hostOf(tenant), headers: bearer(admins.get(tenant)) }),
      ),
    );
    expect(answers.map(({ status, body: told }) => [status, Object(told).title])).toEqual([
      [403, 'Suspended'],
      [404, 'Could not find the control plane'],
    ]);
    const fromOutside = await api.request('GET', '/meshes', { host: hostOf(sleeping), headers: bearer('x') });
    expect(fromOutside.body).toEqual(refused);
  });

  it.each([
    ['GET', '/no/such/path'],
    ['PATCH', '/meshes'],
    ['DELETE', '/'],
    ['OPTIONS', '/meshes/default'],
  ])('says of %s %s no more than of what it has', async (method, path) => {
    for (const column of outsiders.filter((each) => each !== 'no token' || path !== '/')) {
      const [there, not] = await Promise.all(
        [acme, nobody].map((tenant) => ask(tenant, method, path, column)),
      );
      expect(there && whole(there)).toEqual(not && whole(not));
      expect(there?.body).toEqual(refused);
    }
  });

  it('is the same under the path of the tenant', async () => {
    for (const column of columns) {
      const byHost = await ask(acme, 'GET', '/meshes/default', column);
      const byPath = await api.request('GET', '/tenants/acme/api/meshes/default', {
        host: baseDomain,
        peer: '192.0.2.1',
        headers: { authorization: shown.get(column), 'x-request-id': 'the-same' },
      });
      expect(whole(byPath)).toEqual(whole(byHost));
    }
  });
});

describe('every route of the operator', () => {
  const credentials = () => [
    ...columns.map((column) => shown.get(column)),
    ...[...admins.values()].map((token) => `Bearer ${token}`),
    `Bearer ${operatorToken}x`,
    operatorToken,
  ];

  it('takes the operator alone, and nobody else changes anything', async () => {
    const records = () =>
      Promise.all([acme, globex, sleeping, leaving].map((tenant) => api.tenants.get(tenant)));
    const before = await records();
    for (const { method, path } of api.operatorRoutes) {
      for (const authorization of credentials()) {
        const answer = await api.request(method, path.replace(':tenant', acme), {
          host: baseDomain,
          headers: { authorization },
          ...(method !== 'GET' && { body: { id: acme } }),
        });
        expect([method, path, answer.status, answer.body]).toEqual([method, path, 401, refused]);
      }
    }
    expect(await records()).toEqual(before);
    const headers = bearer(operatorToken);
    expect((await api.request('GET', '/tenants', { host: baseDomain, headers })).status).toBe(200);
  });

  it('is not below the host name of a tenant', async () => {
    const asOperator = bearer(operatorToken);
    const answer = await api.request('GET', '/tenants', { host: hostOf(acme), headers: asOperator });
    expect(answer.body).toEqual(refused);
    const headers = bearer(admins.get(acme));
    expect((await api.request('GET', '/tenants', { host: hostOf(acme), headers })).status).toBe(404);
  });
});

it('a tenant of a name that was taken before knows nobody of then', async () => {
  const old = admins.get(leaving);
  api.advance(quarantineMs);
  await api.tenants.removeDeleted();
  await api.tenants.create(leaving, tenantSpecSchema.parse({}));
  const answer = await api.request('GET', '/meshes', { host: hostOf(leaving), headers: bearer(old) });
  expect(answer.body).toEqual(refused);
});
