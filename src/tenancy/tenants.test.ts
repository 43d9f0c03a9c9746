import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../model/ports.ts';
import { type TenantId, tenantId } from '../model/tenant.ts';
import { createResourceStore } from '../store/create-resource-store.ts';
import { createEmbeddedStore, type EmbeddedStore } from '../store/embedded/embedded-store.ts';
import type { ItemStore } from '../store/port.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';
import { createSigningKeySource } from '../tokens/new-signing-key.ts';
import { lookupMs } from './tenant-lookup.ts';
import { noQuotas, type TenantSpec, tenantSettingsSchema, tenantSpecSchema } from './tenant-record.ts';
import { openTenantTable, type TenantTable } from './tenant-table.ts';
import { createTenants, type Tenants } from './tenants.ts';
import { createUsageMeter, type UsageMeter } from './usage.ts';

const acme = tenantId('acme');
const globex = tenantId('globex');
const signingKeys = createSigningKeySource(2);
const quarantineMs = 30_000;
const spec: TenantSpec = tenantSpecSchema.parse({});

let now: number;
let folder: string;
let table: EmbeddedStore;
beforeEach(async () => {
  now = Date.parse('2026-11-20T12:00:00Z');
  folder = await mkdtemp(join(tmpdir(), 'tenants-'));
  table = createEmbeddedStore({ path: folder, clock: () => now });
});
afterEach(async () => {
  await table.close();
  await rm(folder, { recursive: true });
});

interface Process {
  readonly tenants: Tenants;
  readonly resources: ResourceStore;
  readonly usage: UsageMeter;
  readonly table: TenantTable;
}

/** One process on the table: what it holds in memory is its own. */
function open(items: ItemStore = table): Process {
  const clock = () => now;
  const opened = openTenantTable(items, clock);
  const resources = createResourceStore({
    items: opened.items,
    secretBox: { seal: async (_, text) => text, open: async (_, sealed) => sealed },
    isSecret: (type) => type.endsWith('Secret'),
    clock,
    logger: silentLogger,
    quotasOf: opened.quotasOf,
  });
  const usage = createUsageMeter({ items: opened.items, clock, logger: silentLogger });
  const tenants = createTenants({
    items,
    directory: opened.directory,
    lookup: opened.lookup,
    usage,
    tokens: { issueUser: async (tenant, { claims }) => `${tenant}/${claims.Name}` },
    ensure: { resources, signingKeys, clock, ids: () => 'id', logger: silentLogger, zone: 'default' },
    quarantineMs,
  });
  return { tenants, resources, usage, table: opened };
}

const anything = () => undefined;
const dataplane = (name: string, mesh = 'default'): Change => ({
  kind: 'put',
  draft: { type: 'Dataplane', mesh, name, labels: {}, spec: {} },
});
const mesh = (name: string): Change => ({
  kind: 'put',
  draft: { type: 'Mesh', mesh: '', name, labels: {}, spec: {} },
});

/** Every item of a tenant, found in the engine itself, past the index. */
async function itemsOf(tenant: TenantId): Promise<readonly string[]> {
  const found: string[] = [];
  for (const partition of ['partitions', 'head/', 'data/0/', 'usage', 'purges']) {
    const { items } = await table.query(tenant, { partition });
    found.push(...items.map(({ sort }) => `${partition} ${sort}`));
  }
  return found;
}

describe('creating', () => {
  it('gives a tenant that is complete, and its administrator a token', async () => {
    const { tenants, resources } = open();
    const { record, created, adminToken } = await tenants.create(acme, spec);
    expect({ created, state: record.state, name: record.displayName }).toEqual({
      created: true,
      state: 'active',
      name: 'acme',
    });
    expect(adminToken?.split('.')).toHaveLength(3);
    expect((await resources.head(acme, 'default')).counts).toMatchObject({ Mesh: 1, Secret: 1 });
  });

  it('twice, by two processes at once, gives one', async () => {
    const [one, other] = await Promise.all([open(), open()].map(({ tenants }) => tenants.create(acme, spec)));
    expect(one?.adminToken).toBe(other?.adminToken);
    expect(await open().tenants.create(acme, spec)).toMatchObject({ created: false });
  });

  it('of another under the same name is refused', async () => {
    const { tenants } = open();
    await tenants.create(acme, spec);
    await expect(tenants.create(acme, { ...spec, displayName: 'ACME Inc.' })).rejects.toThrow(
      expect.objectContaining({ code: 'conflict', message: 'tenant "acme" already exists' }),
    );
  });

  it('goes on where a process died, with quotas that leave no room for what it makes', async () => {
    const none = tenantSpecSchema.parse({ quotas: { meshes: 0, resources: 0 } });
    const first = open();
    const dead = createTenants({
      ...first.table,
      items: table,
      usage: first.usage,
      tokens: { issueUser: async () => '' },
      ensure: {
        resources: first.resources,
        signingKeys: () => Promise.reject(new Error('killed')),
        clock: () => now,
        ids: () => 'id',
        logger: silentLogger,
        zone: 'default',
      },
      quarantineMs,
    });
    await expect(dead.create(acme, none)).rejects.toThrow('killed');
    expect((await first.table.directory.get(acme))?.state).toBe('creating');
    expect(await first.table.directory.list()).toEqual([]);
    expect(await open().tenants.create(acme, none)).toMatchObject({
      created: true,
      record: { state: 'active' },
    });
  });
});

describe('changing', () => {
  it('writes what is other, once', async () => {
    const { tenants } = open();
    const made = await tenants.put(acme, spec, anything);
    expect(made.created).toBe(true);
    now += 1_000;
    expect((await tenants.put(acme, spec, anything)).record).toEqual(made.record);
    const quotas = { ...spec.quotas, meshes: 3 };
    const { record } = await tenants.put(acme, { ...spec, quotas }, anything);
    expect(record).toMatchObject({ quotas, version: made.record.version + 1 });
    expect(record.modificationTime > made.record.modificationTime).toBe(true);
  });

  it('leaves what a tenant was made with', async () => {
    const { tenants } = open();
    await tenants.put(acme, spec, anything);
    const settings = { ...spec.settings, access: 'kuma' } as const;
    await expect(tenants.put(acme, { ...spec, settings }, anything)).rejects.toThrow(
      expect.objectContaining({ violations: [expect.objectContaining({ field: 'settings.access' })] }),
    );
  });

  it('suspends and resumes, which every process knows some seconds later', async () => {
    const [here, there] = [open(), open()];
    await here.tenants.create(acme, spec);
    expect((await there.table.lookup.find(acme))?.state).toBe('active');
    await here.tenants.suspend(acme, anything);
    expect((await here.tenants.suspend(acme, anything)).state).toBe('suspended');
    expect((await here.table.lookup.find(acme))?.state).toBe('suspended');
    now += lookupMs;
    expect((await there.table.lookup.find(acme))?.state).toBe('suspended');
    expect(await there.table.directory.list()).toEqual([]);
    expect((await there.tenants.resume(acme, anything)).state).toBe('active');
  });

  it.each(['suspend', 'resume', 'delete'] as const)('%s of what there is not is refused', async (step) => {
    await expect(open().tenants[step](acme, anything)).rejects.toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
  });

  it('lists in pages', async () => {
    const { tenants } = open();
    for (const name of ['b', 'c', 'a']) {
      await tenants.create(tenantId(name), { ...spec, quotas: noQuotas });
    }
    const first = await tenants.page({ limit: 2 });
    expect(first.records.map(({ id }) => id)).toEqual(['a', 'b']);
    const second = await tenants.page({ limit: 2, after: first.next ?? '' });
    expect(second).toEqual({ records: [expect.objectContaining({ id: 'c' })] });
  });
});

describe('deleting', () => {
  it('takes everything, whoever wrote it, and nothing of others', async () => {
    const { tenants, resources, usage, table: opened } = open();
    for (const tenant of [acme, globex]) {
      await tenants.create(tenant, spec);
      await resources.commit(tenant, [mesh('two'), dataplane('one', 'two'), dataplane('one')]);
      usage.count(tenant, 'requests');
      await usage.flush();
      const item = { partition: `anything/${tenant}`, sort: 'x', version: 1, value: '' };
      await opened.items.transact(tenant, [{ kind: 'put', item }]);
    }
    const globexHad = await itemsOf(globex);
    const partitions = (await table.query(acme, { partition: 'partitions' })).items.map(({ sort }) => sort);
    expect(partitions).toContain('anything/acme');

    expect((await tenants.delete(acme, anything)).state).toBe('deleting');
    await tenants.removeDeleted();
    for (const partition of partitions.filter((each) => each !== 'head/')) {
      expect([partition, (await table.query(acme, { partition })).items]).toEqual([partition, []]);
    }
    expect((await tenants.get(acme)).state).toBe('deleting');
    await expect(tenants.create(acme, spec)).rejects.toThrow('is being deleted');
    await expect(tenants.put(acme, spec, anything)).rejects.toThrow('is being deleted');

    now += quarantineMs;
    await tenants.removeDeleted();
    await expect(tenants.get(acme)).rejects.toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(await itemsOf(acme)).toEqual(['head/ head']);
    expect(await itemsOf(globex)).toEqual(globexHad);
  });

  it('refuses what is written meanwhile, and finds what a slower process writes', async () => {
    const [here, there] = [open(), open()];
    await here.tenants.create(acme, spec);
    await there.resources.commit(acme, [dataplane('one')]);
    await here.tenants.delete(acme, anything);
    await expect(here.resources.commit(acme, [dataplane('two')])).rejects.toThrow('is being deleted');
    await here.tenants.removeDeleted();
    // The other process knows the tenant as it was, for some seconds.
    await there.resources.commit(acme, [mesh('late')]);
    now += quarantineMs;
    await expect(there.resources.commit(acme, [mesh('later')])).rejects.toThrow('is being deleted');
    await here.tenants.removeDeleted();
    expect(await itemsOf(acme)).toEqual(['head/ head']);
    expect((await table.query(acme, { partition: 'head/late' })).items).toEqual([]);
  });

  it.each([0, 1, 3, 5, 7])('goes on where a process died at its write %i', async (writes) => {
    const { tenants, resources } = open();
    await tenants.create(acme, spec);
    await resources.commit(acme, [mesh('two'), dataplane('one', 'two')]);
    await tenants.delete(acme, anything);
    now += quarantineMs;
    let left = writes;
    const dying: ItemStore = {
      ...table,
      async transact(owner, operations) {
        left -= 1;
        if (left < 0) {
          throw new Error('killed');
        }
        await table.transact(owner, operations);
      },
    };
    await open(dying).tenants.removeDeleted();
    expect((await tenants.get(acme)).state).toBe('deleting');
    await tenants.removeDeleted();
    expect(await itemsOf(acme)).toEqual(['head/ head']);
    await expect(tenants.get(acme)).rejects.toThrow('is not found');
  });

  it('leaves a name that may be taken again, and nobody mistakes the new tenant for the old one', async () => {
    const [here, slow] = [open(), open()];
    await here.tenants.create(acme, spec);
    await here.resources.commit(acme, [mesh('two'), dataplane('old', 'two')]);
    const held = new Map<string, number>();
    for (const scope of ['', 'default', 'two']) {
      held.set(scope, (await slow.resources.head(acme, scope)).revision);
    }
    await here.tenants.delete(acme, anything);
    now += quarantineMs;
    await here.tenants.removeDeleted();
    expect((await slow.tenants.create(acme, spec)).created).toBe(true);
    for (let count = 0; count < 5; count += 1) {
      await slow.resources.commit(acme, [mesh('two'), dataplane(`new-${count}`, 'two')]);
    }
    for (const [scope, revision] of held) {
      expect([scope, await slow.resources.logAfter(acme, scope, revision)]).toEqual([
        scope,
        { kind: 'expired' },
      ]);
    }
    const { resources } = await slow.resources.load(acme, 'two');
    expect(resources.map(({ name }) => name).filter((name) => name === 'old')).toEqual([]);

    await slow.tenants.delete(acme, anything);
    now += quarantineMs;
    await here.tenants.removeDeleted();
    expect(await itemsOf(acme)).toEqual(['head/ head']);
  });
});

describe('usage', () => {
  it('is kept by month and read without listing', async () => {
    const [here, there] = [open(), open()];
    await here.tenants.create(acme, { ...spec, settings: tenantSettingsSchema.parse({}) });
    const before = await here.tenants.usage(acme);
    await here.resources.commit(acme, [mesh('two'), dataplane('a', 'two'), dataplane('b')]);
    for (const process of [here, there, here]) {
      process.usage.count(acme, 'requests');
    }
    there.usage.count(acme, 'tokens');
    await Promise.all([here.usage.flush(), there.usage.flush()]);
    now = Date.parse('2026-12-01T00:00:00Z');
    here.usage.count(acme, 'requests');
    expect(await here.tenants.usage(acme)).toEqual({
      meshes: before.meshes + 1,
      dataplanes: 2,
      resources: before.resources + 3,
      requests: 4,
      tokens: 1,
      months: [
        { month: '2026-11', requests: 3, tokens: 1 },
        { month: '2026-12', requests: 1, tokens: 0 },
      ],
    });
  });

  it('is written when it is due, and counted again where it cannot be', async () => {
    const { tenants, usage } = open();
    await tenants.create(acme, spec);
    usage.count(acme, 'requests');
    await usage.flushIfDue();
    expect((await usage.read(acme)).requests).toBe(0);
    now += 10_000;
    const broken = createUsageMeter({
      items: { ...table, transact: () => Promise.reject(new Error('out of reach')) },
      clock: () => now,
      logger: silentLogger,
    });
    broken.count(acme, 'requests');
    await broken.flush();
    expect((await broken.read(acme)).requests).toBe(0);
    await usage.flushIfDue();
    expect((await usage.read(acme)).requests).toBe(1);
  });
});

it('a new token of the administrator is for a tenant that is there', async () => {
  const { tenants } = open();
  await tenants.create(acme, spec);
  expect(await tenants.adminToken(acme, 1n)).toBe('acme/mesh-system:admin');
  await tenants.delete(acme, anything);
  await expect(tenants.adminToken(acme, 1n)).rejects.toThrow('is being deleted');
});
