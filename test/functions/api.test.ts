import { randomUUID } from 'node:crypto';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { gatewayEvent } from '../../dev/tools/gateway-event.ts';
import { makeTableAndKey } from '../../dev/tools/table-and-key.ts';
import { type ApiHandler, createApiHandler } from '../../functions/api-handler.ts';
import { createJobsHandler } from '../../functions/jobs-handler.ts';
import { createHistory } from '../../src/events/history.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { type TenantId, tenantId } from '../../src/model/tenant.ts';
import { resourceType } from '../../src/policies/registry.ts';
import { createKmsMasterKey } from '../../src/secrets/kms-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { secretData } from '../../src/secrets/secret-data.ts';
import { createLeases } from '../../src/store/create-leases.ts';
import { createPropagation } from '../../src/store/create-propagation.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { createOutbox } from '../../src/store/outbox/outbox.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { ensureTenant } from '../../src/tenancy/ensure-tenant.ts';
import { createTenantDirectory } from '../../src/tenancy/tenant-directory.ts';
import { newTenantRecord, noQuotas, tenantSettingsSchema } from '../../src/tenancy/tenant-record.ts';
import { newSigningKey } from '../../src/tokens/new-signing-key.ts';
import { type CloudRoles, startCloudRoles } from '../support/iam/cloud-roles.ts';

interface Sent {
  readonly host?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

interface Result {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const event = (method: string, path: string, { host = 'acme.api.example.com', ...sent }: Sent = {}) =>
  gatewayEvent({ host, method, path, ...sent, headers: { accept: 'application/json', ...sent.headers } });

let ministack: Ministack;
let table: DynamoDBClient;
let handler: ApiHandler;
let environment: NodeJS.ProcessEnv;
/** Both parts under their roles: what a role does not let through fails the test that asks for it. */
let apiRoles: CloudRoles;
let jobsRoles: CloudRoles;
const admins = new Map<string, string>();

/** The texts and bytes of a row, as text. */
function unmarshalled(row: Readonly<Record<string, AttributeValue>>): readonly string[] {
  return Object.values(row).map(({ S, B, N }) => S ?? N ?? Buffer.from(B ?? []).toString('latin1'));
}

/** Makes a tenant with all that it needs; gives the token of its administrator. */
async function makeTenant(
  stores: {
    readonly items: ItemStore;
    readonly kmsKey: string;
    readonly kms: KMSClient;
  },
  tenant: TenantId,
): Promise<string> {
  const { items, kms, kmsKey } = stores;
  const clock = Date.now;
  const resources = createResourceStore({
    items,
    secretBox: createSecretBox({ master: createKmsMasterKey({ client: kms, keyId: kmsKey }), clock }),
    isSecret: (type) => resourceType(type)?.secret === true,
    clock,
    logger: silentLogger,
  });
  const deps = { resources, signingKeys: newSigningKey, clock, ids: randomUUID, logger: silentLogger };
  await ensureTenant({ ...deps, zone: 'default' }, tenant);
  const spec = { quotas: noQuotas, settings: tenantSettingsSchema.parse({}) };
  await createTenantDirectory(items).add(newTenantRecord(tenant, spec, clock(), 'active'));
  const key = { type: 'GlobalSecret', mesh: '', name: 'admin-user-token' };
  const token = await resources.get(tenant, key);
  return token === undefined ? '' : secretData(token).toString('utf8');
}

beforeAll(async () => {
  ministack = await startMinistack();
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'part');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const { endpoint } = ministack;
  table = new DynamoDBClient({ endpoint });
  const { kmsKey } = await makeTableAndKey(endpoint);
  const kms = new KMSClient({ endpoint });
  const items = openItems();
  for (const tenant of ['acme', 'other']) {
    admins.set(tenant, await makeTenant({ items, kms, kmsKey }, tenantId(tenant)));
  }
  const behind = { target: endpoint, table: 'kumulus', kmsKey };
  apiRoles = await startCloudRoles({ ...behind, processes: { part: ['api'] } });
  jobsRoles = await startCloudRoles({ ...behind, processes: { part: ['jobs'] } });
  environment = {
    KUMULUS_TABLE: 'kumulus',
    KUMULUS_KMS_KEY: kmsKey,
    KUMULUS_BASE_DOMAIN: 'api.example.com',
    KUMULUS_EVENT_BUS: 'default',
    KUMULUS_LOG_LEVEL: 'error',
    KUMULUS_TENANT_ROLE: apiRoles.tenantRole,
    AWS_ENDPOINT_URL: apiRoles.endpoint,
  };
  handler = createApiHandler(environment);
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([apiRoles.close(), jobsRoles.close()]);
  await ministack?.stop();
});

function openItems(): ItemStore {
  return createDynamoStore({ table: 'kumulus', endpoint: ministack.endpoint });
}

/** How many transactions have events that are not yet published. */
async function unpublished(): Promise<number> {
  const outbox = createOutbox(openItems());
  let count = 0;
  for await (const _ of outbox.entries(Number.MAX_SAFE_INTEGER)) {
    count += 1;
  }
  return count;
}

/** Calls the function as the administrator of `acme` unless other headers are given. */
async function call(method: string, path: string, sent: Sent = {}): Promise<Result> {
  const headers = sent.headers ?? { authorization: `Bearer ${admins.get('acme')}` };
  const typed = sent.body === undefined ? headers : { 'content-type': 'application/json', ...headers };
  return (await handler(event(method, path, { ...sent, headers: typed }))) as Result;
}

const dataplane = (name: string, tags: Record<string, string> = {}) => ({
  type: 'Dataplane',
  mesh: 'default',
  name,
  networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'é', ...tags } }] },
});

describe('the API on Lambda', () => {
  it('says what it is without a token', async () => {
    const answer = await call('GET', '/', { headers: {} });
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(JSON.parse(answer.body)).toMatchObject({ product: 'Kuma', version: '2.13.10' });
  });

  it('shows nothing else to anybody who does not say who they are', async () => {
    const answer = await call('GET', '/meshes', { headers: {} });
    expect(answer.statusCode).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ type: '/std-errors', status: 401 });
  });

  it('trusts no header that says the caller is on the machine itself', async () => {
    const headers = { host: 'localhost', 'x-forwarded-for': '127.0.0.1' };
    expect((await call('GET', '/meshes', { host: 'acme.api.example.com', headers })).statusCode).toBe(404);
    expect((await call('GET', '/meshes', { headers: { 'x-real-ip': '127.0.0.1' } })).statusCode).toBe(401);
  });

  it('writes and reads, with bodies as text and in base64', async () => {
    const path = '/meshes/default/dataplanes/one';
    const body = JSON.stringify({ ...dataplane('one'), labels: { team: 'red' } });
    expect(
      (await call('PUT', path, { body: JSON.stringify(dataplane('one', { v: 'x y' })) })).statusCode,
    ).toBe(400);
    const valid = body.replaceAll('é', 'shop');
    expect(await call('PUT', path, { body: valid })).toMatchObject({ statusCode: 201, body: '{}' });
    const encoded = Buffer.from(valid.replace('red', 'blue')).toString('base64');
    expect(await call('PUT', path, { body: encoded, isBase64Encoded: true })).toMatchObject({
      statusCode: 200,
    });
    const read = await call('GET', path);
    expect(read.headers).toMatchObject({
      etag: expect.stringMatching(/^"2-/),
      'content-type': 'application/json',
    });
    expect(JSON.parse(read.body)).toMatchObject({ name: 'one', labels: { team: 'blue' } });
  });

  it('takes bytes that are no text for what they are', async () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0x80]).toString('base64');
    const answer = await call('PUT', '/meshes/default/dataplanes/two', { body, isBase64Encoded: true });
    expect(answer.statusCode).toBe(400);
  });

  it('refuses a body that is too large', async () => {
    const body = 'x'.repeat(1024 * 1024 + 1);
    expect((await call('PUT', '/meshes/default/dataplanes/two', { body })).statusCode).toBe(413);
  });

  it('understands a parameter that is given more than once', async () => {
    for (const [name, tags] of [
      ['q-1', { 'kuma.io/service': 'a', version: 'v1' }],
      ['q-2', { 'kuma.io/service': 'a', version: 'v2' }],
    ] as const) {
      const body = JSON.stringify(dataplane(name, tags));
      expect((await call('PUT', `/meshes/default/dataplanes/${name}`, { body })).statusCode).toBe(201);
    }
    const query = 'tag=kuma.io%2Fservice%3Aa&tag=version%3Av2&size=1';
    const list = await call('GET', '/meshes/default/dataplanes', { query });
    expect(JSON.parse(list.body)).toMatchObject({ total: 1, items: [{ name: 'q-2' }] });
    const page = await call('GET', '/meshes/default/dataplanes+insights', { query: 'size=1' });
    expect(JSON.parse(page.body).next).toBe(
      'https://acme.api.example.com/meshes/default/dataplanes+insights?offset=1&size=1',
    );
  });

  it('makes a mesh that is complete, whose secrets lie sealed in the table', async () => {
    const mtls = { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] };
    const body = JSON.stringify({ type: 'Mesh', name: 'whole', mtls });
    expect((await call('PUT', '/meshes/whole', { body })).statusCode).toBe(201);
    const secrets = JSON.parse((await call('GET', '/meshes/whole/secrets')).body);
    expect(secrets.total).toBe(3);
    const { Items: rows = [] } = await table.send(new ScanCommand({ TableName: 'kumulus' }));
    const stored = rows.flatMap((row) => unmarshalled(row)).join('\n');
    for (const { name, data } of secrets.items) {
      expect(stored).toContain(name);
      expect(stored).not.toContain(data);
      expect(stored).not.toContain(Buffer.from(data, 'base64').toString('utf8').slice(0, 200));
    }
    const token = await call('POST', '/tokens/dataplane', { body: JSON.stringify({ mesh: 'whole' }) });
    expect(token).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/plain' } });
    expect(token.body.split('.')).toHaveLength(3);
    expect((await call('DELETE', '/meshes/whole')).statusCode).toBe(200);
    expect((await call('GET', '/meshes/whole/secrets')).statusCode).toBe(404);
  });

  it('records who called from where, and publishes what they did', async () => {
    const body = JSON.stringify({ type: 'Mesh', name: 'recorded' });
    expect((await call('PUT', '/meshes/recorded', { body })).statusCode).toBe(201);
    const query = 'type=Mesh&name=recorded';
    const { items } = JSON.parse((await call('GET', '/_audit', { query })).body);
    expect(items).toMatchObject([
      {
        action: 'CREATE',
        author: { user: 'mesh-system:admin', address: '203.0.113.9', source: 'api' },
        after: { type: 'Mesh', name: 'recorded' },
      },
    ]);
    expect(await unpublished()).toBe(0);
  });

  it('answers a long poll when another process has written', async () => {
    const path = '/meshes/default/_changes';
    const { revision } = JSON.parse((await call('GET', path)).body);
    const answer = call('GET', path, { query: `since=${revision}&wait=20` });
    const elsewhere = createApiHandler(environment);
    const body = JSON.stringify(dataplane('polled')).replaceAll('é', 'shop');
    const headers = { authorization: `Bearer ${admins.get('acme')}`, 'content-type': 'application/json' };
    await elsewhere(event('PUT', '/meshes/default/dataplanes/polled', { body, headers }));
    expect(JSON.parse((await answer).body)).toMatchObject({
      items: [{ changes: [{ action: 'put', type: 'Dataplane', name: 'polled' }] }],
    });
  });

  it('tells how far a revision has got when a relay has written it', async () => {
    const put = await call('PUT', '/meshes/default/dataplanes/told', {
      body: JSON.stringify(dataplane('told')).replaceAll('é', 'shop'),
    });
    const told = Number(put.headers['kumulus-revision']);
    const relay = { items: openItems(), clock: Date.now };
    const [propagation, leases] = [createPropagation(relay), createLeases(relay)];
    await leases.renew('east', 60_000);
    const acme = tenantId('acme');
    const progress = { proxies: 2, behind: [], named: [] };
    await propagation.write(acme, 'default', 'east', { told: told - 1, ...progress });
    // Of a process of its own: this one may have looked less than a second ago which relays there are.
    const elsewhere = createApiHandler(environment);
    const answer = elsewhere(
      event('GET', '/meshes/default/_propagation', {
        query: `revision=${told}&wait=20`,
        headers: { authorization: `Bearer ${admins.get('acme')}` },
      }),
    );
    await propagation.write(acme, 'default', 'east', { told, ...progress });
    expect(JSON.parse((await answer).body)).toMatchObject({
      revision: told,
      complete: true,
      proxies: { connected: 2, have: 2, waiting: 0 },
    });
    await leases.release('east');
  });

  it('gives the same token again for the same key, in another process too', async () => {
    const sent = {
      body: JSON.stringify({ mesh: 'default', name: 'dp' }),
      headers: {
        authorization: `Bearer ${admins.get('acme')}`,
        'content-type': 'application/json',
        'idempotency-key': 'once',
      },
    };
    const first = await call('POST', '/tokens/dataplane', sent);
    const elsewhere = createApiHandler(environment);
    const again = (await elsewhere(event('POST', '/tokens/dataplane', sent))) as Result;
    expect([first.statusCode, again.statusCode, again.body]).toStrictEqual([200, 200, first.body]);
  });

  it('is helped by jobs, which publish what was left', async () => {
    const items = openItems();
    const history = createHistory({
      items,
      // Long enough ago to have been left.
      clock: () => Date.now() - 60_000,
      ids: randomUUID,
      logger: silentLogger,
      retentionDays: () => 90,
      bus: { publish: () => Promise.reject(new Error('out of reach')) },
      waits: true,
    });
    const author = { user: 'alice', groups: [], source: 'api' as const };
    const draft = { author, action: 'ISSUE' as const, type: 'UserToken', mesh: '', name: 'alice' };
    await history.trail.append(tenantId('acme'), draft);
    expect(await unpublished()).toBe(1);
    await createJobsHandler({ ...environment, AWS_ENDPOINT_URL: jobsRoles.endpoint })(undefined, {
      getRemainingTimeInMillis: () => 60_000,
    });
    expect(await unpublished()).toBe(0);
  });

  it('is told by the jobs when one of them failed, after all were done', async () => {
    const log = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    onTestFinished(() => log.mockRestore());
    const jobs = createJobsHandler({
      ...environment,
      KUMULUS_TABLE: 'no-such-table',
      AWS_ENDPOINT_URL: ministack.endpoint,
    });
    await expect(jobs(undefined, { getRemainingTimeInMillis: () => 60_000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^the jobs close-orphans, .*publish-events.* failed; the log says why$/),
    });
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(lines.filter(({ job }) => job === 'publish-events')).toMatchObject([{ message: 'a job failed' }]);
  });

  it('keeps tenants apart', async () => {
    const host = 'other.api.example.com';
    const own = { authorization: `Bearer ${admins.get('other')}` };
    const path = '/meshes/default/dataplanes/one';
    expect((await call('GET', path, { host })).statusCode).toBe(401);
    expect((await call('GET', path, { host, headers: own })).statusCode).toBe(404);
    expect(JSON.parse((await call('GET', '/dataplanes', { host, headers: own })).body).total).toBe(0);
  });

  it('says of a tenant that there is not what it says of one that there is', async () => {
    const [other, nobody] = await Promise.all(
      ['other', 'nobody'].map((name) => call('GET', '/meshes', { host: `${name}.api.example.com` })),
    );
    expect(nobody?.statusCode).toBe(401);
    expect(nobody?.body).toBe(other?.body);
  });

  it('serves tenants under a path of the domain, and has no operator where none is set', async () => {
    const host = 'api.example.com';
    const list = await call('GET', '/tenants/acme/api/meshes', { host, query: 'size=1' });
    expect(list.statusCode).toBe(200);
    expect((await call('GET', '/tenants/other/api/meshes', { host })).statusCode).toBe(401);
    expect((await call('GET', '/tenants', { host })).statusCode).toBe(404);
  });

  it('makes and deletes tenants for an operator', async () => {
    const token = randomUUID();
    const operated = createApiHandler({ ...environment, KUMULUS_OPERATOR_TOKEN: token });
    const ask = async (method: string, path: string, sent: Sent = {}) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...sent.headers,
      };
      const request = event(method, path, { host: 'api.example.com', ...sent, headers });
      return (await operated(request)) as Result;
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
      const { Items: rows = [] } = await table.send(new ScanCommand({ TableName: 'kumulus' }));
      return rows.map(({ pk }) => pk?.S ?? '').filter((pk) => pk.startsWith('made#'));
    };
    expect((await partitions()).some((pk) => pk.startsWith('made#data/'))).toBe(true);
    await createJobsHandler({ ...environment, AWS_ENDPOINT_URL: jobsRoles.endpoint })(undefined, {
      getRemainingTimeInMillis: () => 60_000,
    });
    expect(new Set(await partitions())).toEqual(new Set(['made#head/', 'made#partitions']));
  });

  it.each(['api.example.com', 'a.acme.api.example.com', 'acme.example.org', ''])(
    'has no tenant under the host name %j',
    async (host) => {
      const answer = await call('GET', '/meshes', { host });
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
  const before = apiRoles.taken.length;
  expect(await call('GET', '/meshes', { host: 'nobody.api.example.com' })).toMatchObject({ statusCode: 401 });
  expect(apiRoles.taken).toHaveLength(before);
});

it('asked for nothing that their roles refuse', () => {
  expect([...apiRoles.refused, ...jobsRoles.refused]).toEqual([]);
});
