import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../model/ports.ts';
import { tenantId } from '../model/tenant.ts';
import { createResourceStore } from './create-resource-store.ts';
import { createEmbeddedStore, type EmbeddedStore } from './embedded/embedded-store.ts';
import type { CommitQuotas } from './quotas.ts';
import type { Change, ResourceStore } from './resource-store.ts';

const acme = tenantId('acme');
const none: CommitQuotas = { meshes: null, dataplanes: null, resources: null };
let quotas: CommitQuotas | undefined;
let now: number;
let folder: string;
let items: EmbeddedStore;
beforeEach(async () => {
  quotas = none;
  now = Date.parse('2026-11-20T12:00:00Z');
  folder = await mkdtemp(join(tmpdir(), 'quotas-'));
  items = createEmbeddedStore({ path: folder, clock: () => now });
});
afterEach(async () => {
  await items.close();
  await rm(folder, { recursive: true });
});

/** One process on the table: what it knows of counts is its own. */
function open(): ResourceStore {
  return createResourceStore({
    items,
    secretBox: { seal: async (_, text) => text, open: async (_, sealed) => sealed },
    isSecret: () => false,
    clock: () => now,
    logger: silentLogger,
    quotasOf: async () => quotas,
  });
}

const put = (type: string, mesh: string, name: string): Change => ({
  kind: 'put',
  draft: { type, mesh, name, labels: {}, spec: {} },
});
const mesh = (name: string) => put('Mesh', '', name);
const dataplane = (name: string, inMesh: string) => put('Dataplane', inMesh, name);

/** How many of the commits are taken; the others must be refused for the quota. */
async function taken(commits: readonly Promise<unknown>[]): Promise<number> {
  const results = await Promise.allSettled(commits);
  for (const result of results) {
    if (result.status === 'rejected') {
      expect(result.reason).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 60 });
    }
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
}

const meshes = ['one', 'two', 'three'];
const manyDataplanes = (store: ResourceStore, label: string, count: number) =>
  Array.from({ length: count }, (_, n) =>
    store.commit(acme, [dataplane(`${label}-${n}`, meshes[n % meshes.length] ?? '')]),
  );
async function dataplanes(store: ResourceStore): Promise<number> {
  const heads = await Promise.all(meshes.map((name) => store.head(acme, name)));
  return heads.reduce((sum, { counts }) => sum + (counts.Dataplane ?? 0), 0);
}

describe('quotas', () => {
  it('of one process are exact over all meshes, however many write at once', async () => {
    const store = open();
    await store.commit(acme, meshes.map(mesh));
    quotas = { ...none, dataplanes: 25 };
    expect(await taken(manyDataplanes(store, 'a', 100))).toBe(25);
    expect(await dataplanes(store)).toBe(25);
    now += 2_000;
    expect(await taken(manyDataplanes(store, 'b', 10))).toBe(0);
  });

  it('over several meshes are passed by what other processes write to others of them within two seconds', async () => {
    const [here, there] = [open(), open()];
    await here.commit(acme, meshes.map(mesh));
    quotas = { ...none, dataplanes: 10 };
    // Both know how much there is: nothing yet.
    await here.commit(acme, [dataplane('first', 'one')]);
    await there.commit(acme, [dataplane('second', 'two')]);
    expect(
      await taken(Array.from({ length: 20 }, (_, n) => here.commit(acme, [dataplane(`h-${n}`, 'one')]))),
    ).toBe(9);
    const late = Array.from({ length: 20 }, (_, n) => there.commit(acme, [dataplane(`t-${n}`, 'two')]));
    expect(await taken(late)).toBeLessThanOrEqual(9);
    now += 2_000;
    expect(await taken(manyDataplanes(there, 'late', 6))).toBe(0);
  });

  it('of several processes that write to the same mesh are exact', async () => {
    const stores = [open(), open()];
    await open().commit(acme, [mesh('one')]);
    quotas = { ...none, dataplanes: 7 };
    const commits = stores.flatMap((store, process) =>
      Array.from({ length: 10 }, (_, n) => store.commit(acme, [dataplane(`dp-${process}-${n}`, 'one')])),
    );
    expect(await taken(commits)).toBe(7);
  });

  it('of meshes are exact for all processes', async () => {
    quotas = { ...none, meshes: 5 };
    const stores = [open(), open(), open()];
    const commits = stores.flatMap((store, process) =>
      Array.from({ length: 5 }, (_, n) => store.commit(acme, [mesh(`m-${process}-${n}`)])),
    );
    expect(await taken(commits)).toBe(5);
  });

  it('of resources count every type, a mesh once, and what goes along with it', async () => {
    const store = open();
    quotas = { ...none, resources: 4 };
    await store.commit(acme, [mesh('one'), put('Secret', 'one', 'key'), put('Zone', '', 'z')]);
    await expect(store.commit(acme, [dataplane('a', 'one'), dataplane('b', 'one')])).rejects.toThrow(
      'the quota is 4 resources, this would make it 5',
    );
    expect((await store.head(acme, 'one')).counts).toEqual({ Mesh: 1, Secret: 1 });
    await store.commit(acme, [dataplane('a', 'one')]);
  });

  it('leave changes and deletions alone, also where there is more than there may be', async () => {
    const store = open();
    await store.commit(acme, [mesh('one'), dataplane('a', 'one'), dataplane('b', 'one')]);
    quotas = { meshes: 0, dataplanes: 1, resources: 0 };
    await store.commit(acme, [dataplane('a', 'one')]);
    await store.commit(acme, [
      { kind: 'delete', key: { type: 'Dataplane', mesh: 'one', name: 'a' } },
      put('Dataplane', 'one', 'c'),
    ]);
    await store.commit(acme, [{ kind: 'delete', key: { type: 'Dataplane', mesh: 'one', name: 'b' } }]);
    expect((await store.head(acme, 'one')).counts).toEqual({ Mesh: 1, Dataplane: 1 });
  });

  it('refuse one of a group of commits, and the others go through', async () => {
    const store = open();
    await store.commit(acme, [mesh('one')]);
    quotas = { ...none, dataplanes: 2 };
    const results = await Promise.allSettled([
      store.commit(acme, [dataplane('a', 'one')]),
      store.commit(acme, [dataplane('b', 'one'), dataplane('c', 'one')]),
      store.commit(acme, [dataplane('d', 'one')]),
      store.commit(acme, [put('Secret', 'one', 'key')]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });

  it('count again what was not written', async () => {
    const store = open();
    await store.commit(acme, [mesh('one'), mesh('two')]);
    quotas = { ...none, dataplanes: 1 };
    const conflict = { kind: 'put', draft: dataplaneDraft('a'), expect: { present: true } } as const;
    await expect(store.commit(acme, [conflict])).rejects.toThrow('resource conflict');
    await store.commit(acme, [dataplane('a', 'two')]);
  });
});

const dataplaneDraft = (name: string) => ({ type: 'Dataplane', mesh: 'one', name, labels: {}, spec: {} });
