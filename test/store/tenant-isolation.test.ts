import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { cloudTenantRole } from '../../functions/tenant-role.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import {
  createTenantCredentials,
  type TenantCredentials,
} from '../../src/store/dynamodb/tenant-credentials.ts';
import {
  type ItemKey,
  type ItemStore,
  type Operation,
  type Owner,
  systemOwner,
} from '../../src/store/port.ts';
import { type CloudRoles, place, startCloudRoles } from '../support/iam/cloud-roles.ts';
import { createTestTable } from './support/dynamodb.ts';

const [acme, globex] = [tenantId('acme'), tenantId('globex')];
const item = (sort: string, partition = 'p') => ({ partition, sort, version: 1, value: 'x' });
const put = (sort: string, partition = 'p'): Operation => ({ kind: 'put', item: item(sort, partition) });
const key = { partition: 'p', sort: 'a' };

let ministack: Ministack;
let table: string;
let roles: CloudRoles;
let credentials: TenantCredentials;
beforeAll(async () => {
  ministack = await startMinistack();
  const { endpoint: target } = ministack;
  ({ table } = await createTestTable(target));
  const kmsKey = `arn:aws:kms:${place.region}:${place.account}:key/secrets`;
  roles = await startCloudRoles({ target, table, kmsKey, processes: { part: ['api', 'jobs', 'relay'] } });
  vi.stubEnv('AWS_REGION', place.region);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'part');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'part');
  const take = cloudTenantRole({ arn: roles.tenantRole, endpoint: roles.endpoint });
  credentials = createTenantCredentials({ take, clock: Date.now });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await roles.close();
  await ministack.stop();
});

const nobody = tenantId('nobody');

/** What is in the table, whoever may read it. */
async function found(owner: Owner, { partition, sort }: ItemKey) {
  const store = createDynamoStore({ table, endpoint: ministack.endpoint });
  const there = await store.get(owner, { partition, sort });
  await store.close();
  return there;
}

/** The store of a process that takes credentials of whom it is told, or of nobody. */
function open(taken: TenantCredentials | undefined): ItemStore {
  return createDynamoStore({
    table,
    endpoint: roles.endpoint,
    tenants: taken && { credentials: taken, isTenant: async (tenant) => tenant !== nobody },
  });
}

const work: readonly (readonly [string, (store: ItemStore, owner: Owner) => Promise<unknown>])[] = [
  ['get', (store, owner) => store.get(owner, key)],
  ['batchGet', (store, owner) => store.batchGet(owner, [key])],
  ['query', (store, owner) => store.query(owner, { partition: 'p' })],
  ['put', (store, owner) => store.transact(owner, [put('a')])],
  [
    'put under a condition',
    (store, owner) => store.transact(owner, [{ kind: 'put', item: item('a'), condition: { present: true } }]),
  ],
  [
    'a transaction',
    (store, owner) =>
      store.transact(owner, [
        put('b'),
        { kind: 'check', key, condition: { present: true } },
        { kind: 'delete', key: { partition: 'p', sort: 'c' } },
      ]),
  ],
  [
    'delete',
    (store, owner) => store.transact(owner, [{ kind: 'delete', key: { partition: 'p', sort: 'b' } }]),
  ],
];
const refusal = {
  code: 'internal',
  message: expect.stringMatching(/^the table refused a request: AccessDenied/),
};

describe("the tenants' role", () => {
  it('is taken once a tenant, and reaches all that is its own', async () => {
    const store = open(credentials);
    const before = roles.taken.length;
    await Promise.all([acme, globex].map((tenant) => store.transact(tenant, [put('a')])));
    for (const [, run] of work) {
      await run(store, acme);
      await run(store, globex);
    }
    const tags = roles.taken.slice(before).map((one) => JSON.stringify(one.tags));
    expect(tags.sort()).toEqual(['{"tenant":"acme"}', '{"tenant":"globex"}']);
    expect(roles.refused).toEqual([]);
    await store.close();
  });

  it.each(work)('refuses %s of what is another tenant’s', async (_, run) => {
    // Code that has mixed tenants up, in whatever way: it asks for one's items with what was taken for another.
    const store = open({ of: () => credentials.of(globex) });
    const own = open(credentials);
    await own.transact(acme, [put('a')]);
    const before = await own.query(acme, { partition: 'p' });
    await expect(run(store, acme)).rejects.toMatchObject(refusal);
    expect(await own.query(acme, { partition: 'p' })).toEqual(before);
    await Promise.all([store.close(), own.close()]);
  });

  it.each(work)('is what a tenant’s items take: a process by itself is refused %s', async (_, run) => {
    const store = open(undefined);
    await expect(run(store, acme)).rejects.toMatchObject(refusal);
    await store.close();
  });

  it.each(['outbox/3', 'departures/idle/0', 'due-folds', 'purges'])(
    'leaves work for jobs in %s, and can neither read nor remove it',
    async (partition) => {
      const store = open(credentials);
      const left: Operation = { kind: 'put', owner: systemOwner, item: item('left', partition) };
      await store.transact(acme, [put('a'), left]);
      await store.transact(acme, [left]);
      expect(await found(systemOwner, left.item)).toMatchObject(item('left', partition));
      await expect(
        store.transact(acme, [put('d'), { kind: 'delete', owner: systemOwner, key: left.item }]),
      ).rejects.toMatchObject(refusal);
      await expect(
        store.transact(acme, [
          put('d'),
          { kind: 'check', owner: systemOwner, key: left.item, condition: { present: true } },
        ]),
      ).rejects.toMatchObject(refusal);
      expect(await store.get(acme, { partition: 'p', sort: 'd' })).toBeUndefined();
      await store.close();
    },
  );

  it.each(['tenants', 'leases', 'feed', 'holdings/relay'])('writes nothing into %s', async (partition) => {
    const store = open(credentials);
    const other: Operation = { kind: 'put', owner: systemOwner, item: item('x', partition) };
    await expect(store.transact(acme, [put('a'), other])).rejects.toMatchObject(refusal);
    expect(await found(systemOwner, other.item)).toBeUndefined();
    await store.close();
  });
});

it('heads of meshes are read across tenants by the process itself, and nothing else is', async () => {
  const store = open(credentials);
  const head = { partition: 'head/default', sort: 'head' };
  await store.transact(acme, [put('head', 'head/default'), put('a')]);
  expect(await store.peek([acme, globex].map((owner) => ({ owner, ...head })))).toEqual([
    item('head', 'head/default'),
    undefined,
  ]);
  await expect(store.peek([{ owner: acme, ...key }])).rejects.toMatchObject(refusal);
  await store.close();
});

it('a role that cannot be taken is told, and what can pass is not taken for a refusal', async () => {
  const refused = createTenantCredentials({
    take: cloudTenantRole({ arn: `${roles.tenantRole}-of-others`, endpoint: roles.endpoint }),
    clock: Date.now,
  });
  const store = open(refused);
  await expect(store.get(acme, key)).rejects.toMatchObject({
    code: 'internal',
    message: 'the role of tenants is refused: AccessDenied',
  });
  await store.close();
});

describe('a name that is no tenant’s', () => {
  it('is read as one of whom there is nothing, without a role', async () => {
    const store = open(credentials);
    const before = roles.taken.length;
    expect(await store.get(nobody, key)).toBeUndefined();
    expect(await store.batchGet(nobody, [key, { partition: 'p', sort: 'b' }])).toEqual([
      undefined,
      undefined,
    ]);
    expect(await store.query(nobody, { partition: 'p' })).toEqual({ items: [] });
    expect(roles.taken).toHaveLength(before);
    await store.close();
  });

  it('is not written', async () => {
    const store = open(credentials);
    await expect(store.transact(nobody, [put('a')])).rejects.toMatchObject({ code: 'unavailable' });
    await store.close();
  });
});
