import { randomUUID } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiHandler } from '../../functions/api-handler.ts';
import { type CloudApi, dataplane, type Sent, startCloudApi } from './cloud-api.ts';

let cloud: CloudApi;

beforeAll(async () => {
  cloud = await startCloudApi();
}, 120_000);
afterAll(() => cloud?.close());

describe('tenants of the API on Lambda', () => {
  it('keeps tenants apart', async () => {
    const host = 'other.api.example.com';
    const own = { authorization: `Bearer ${cloud.adminOf('other')}` };
    const path = '/meshes/default/dataplanes/one';
    expect((await cloud.call('GET', path, { host })).statusCode).toBe(401);
    expect((await cloud.call('GET', path, { host, headers: own })).statusCode).toBe(404);
    expect(JSON.parse((await cloud.call('GET', '/dataplanes', { host, headers: own })).body).total).toBe(0);
  });

  it('says of a tenant that there is not what it says of one that there is', async () => {
    const [other, nobody] = await Promise.all(
      ['other', 'nobody'].map((name) => cloud.call('GET', '/meshes', { host: `${name}.api.example.com` })),
    );
    expect(nobody?.statusCode).toBe(401);
    expect(nobody?.body).toBe(other?.body);
  });

  it('serves tenants under a path of the domain, and has no operator where none is set', async () => {
    const host = 'api.example.com';
    const list = await cloud.call('GET', '/tenants/acme/api/meshes', { host, query: 'size=1' });
    expect(list.statusCode).toBe(200);
    expect((await cloud.call('GET', '/tenants/other/api/meshes', { host })).statusCode).toBe(401);
    expect((await cloud.call('GET', '/tenants', { host })).statusCode).toBe(404);
  });

  it('makes and deletes tenants for an operator', async () => {
    const token = randomUUID();
    const operated = createApiHandler({ ...cloud.environment, KUMULUS_OPERATOR_TOKEN: token });
    const ask = (method: string, path: string, sent: Sent = {}) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...sent.headers,
      };
      return cloud.ask(operated, method, path, { host: 'api.example.com', ...sent, headers });
    };
    const made = await ask('POST', '/tenants', {
      body: JSON.stringify({ id: 'made', quotas: { dataplanes: 1 } }),
    });
    expect(made.statusCode).toBe(201);
    const own = {
      host: 'made.api.example.com',
      headers: { authorization: `Bearer ${JSON.parse(made.body).adminToken}` },
    };
    const put = (name: string) => {
      const body = JSON.stringify(dataplane(name)).replaceAll('é', 'shop');
      return ask('PUT', `/meshes/default/dataplanes/${name}`, { ...own, body });
    };
    expect((await put('one')).statusCode).toBe(201);
    expect(await put('two')).toMatchObject({ statusCode: 429, headers: { 'retry-after': '60' } });
    expect((await ask('POST', '/tenants/made/suspend')).statusCode).toBe(200);
    expect((await ask('GET', '/meshes', own)).statusCode).toBe(403);
    expect((await ask('DELETE', '/tenants/made')).statusCode).toBe(202);
    expect((await ask('GET', '/meshes', own)).statusCode).toBe(404);
    expect((await ask('POST', '/tenants', { body: JSON.stringify({ id: 'made' }) })).statusCode).toBe(409);

    const partitions = async () => {
      const { Items: rows = [] } = await cloud.table.send(new ScanCommand({ TableName: 'kumulus' }));
      return rows.map(({ pk }) => pk?.S ?? '').filter((pk) => pk.startsWith('made#'));
    };
    expect((await partitions()).some((pk) => pk.startsWith('made#data/'))).toBe(true);
    await cloud.runJobs();
    expect(new Set(await partitions())).toEqual(new Set(['made#head/', 'made#partitions']));
  });

  it.each(['api.example.com', 'a.acme.api.example.com', 'acme.example.org', ''])(
    'has no tenant under the host name %j',
    async (host) => {
      const answer = await cloud.call('GET', '/meshes', { host });
      expect(answer.statusCode).toBe(404);
      expect(JSON.parse(answer.body)).toMatchObject({ type: '/std-errors' });
    },
  );

  it('does not start without a table', () => {
    expect(() => createApiHandler({ KUMULUS_KMS_KEY: 'key' })).toThrow('KUMULUS_TABLE must be set');
    expect(() => createApiHandler({ KUMULUS_TABLE: 'kumulus' })).toThrow('KUMULUS_KMS_KEY must be set');
  });
});

it('takes no role for a name that is no tenant’s', async () => {
  const before = cloud.apiRoles.taken.length;
  expect(await cloud.call('GET', '/meshes', { host: 'nobody.api.example.com' })).toMatchObject({
    statusCode: 401,
  });
  expect(cloud.apiRoles.taken).toHaveLength(before);
});

it('asked for nothing that their roles refuse', () => {
  expect([...cloud.apiRoles.refused, ...cloud.jobsRoles.refused]).toEqual([]);
});
