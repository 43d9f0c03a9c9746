import { describe, expect, it } from 'vitest';
import { isKumulusError } from '../../../src/model/errors.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import type { Change, LogEntry, ResourceStore } from '../../../src/store/resource-store.ts';
import { counted, printed, putIn, putMesh, type World } from '../support/world.ts';
import { resultOf } from './commits.case.ts';

/** Checks that log, counts, items and loading tell the same of a mesh. */
export async function expectConsistent(
  world: World,
  store: ResourceStore,
  mesh: string,
): Promise<readonly LogEntry[]> {
  const { tenant } = world;
  const { revision, counts } = await store.head(tenant, mesh);
  const answer = await store.logAfter(tenant, mesh, 0);
  const entries = answer.kind === 'entries' ? answer.entries : [];
  expect(entries.map((entry) => entry.revision)).toStrictEqual(
    Array.from({ length: revision }, (_, n) => n + 1),
  );
  const state = await store.load(tenant, mesh);
  expect(state.revision).toBe(revision);
  expect(counts).toStrictEqual(counted(state.resources));
  const replayed = new Map<string, LogEntry['changes'][number]>();
  for (const change of entries.flatMap((entry) => entry.changes)) {
    const key = change.kind === 'put' ? change.resource : change.key;
    replayed.set(`${key.type}/${key.name}`, change);
  }
  const left = [...replayed.values()].flatMap((change) => (change.kind === 'put' ? [change.resource] : []));
  expect(printed(left)).toStrictEqual(printed(state.resources));
  const items = await Promise.all(state.resources.map((resource) => store.get(tenant, resource)));
  expect(printed(items.flatMap((item) => item ?? []))).toStrictEqual(printed(state.resources));
  return entries;
}

export function concurrencyCases(world: World): void {
  describe('writers at once', () => {
    it.each([1, 4])('200 of one mesh, in %i processes, lose nothing and leave no gap', async (processes) => {
      const stores = Array.from({ length: processes }, () => world.open());
      const [first] = stores;
      await first?.commit(world.tenant, [putMesh('default')]);
      const heard = stores.map(() => 0);
      stores.forEach((store, position) => {
        store.onCommit(() => {
          heard[position] = (heard[position] ?? 0) + 1;
        });
      });
      const results = await Promise.all(
        Array.from({ length: 200 }, async (_, writer) => {
          const store = stores[writer % processes];
          return store?.commit(world.tenant, [
            putIn('default', `dp-${writer}`, { type: 'Dataplane' }),
            putIn('default', `shared-${writer % 10}`),
          ]);
        }),
      );
      const store = world.open();
      const entries = await expectConsistent(world, store, 'default');
      expect((await store.head(world.tenant, 'default')).counts).toStrictEqual({
        Mesh: 1,
        Dataplane: 200,
        MeshTimeout: 10,
      });
      for (let shared = 0; shared < 10; shared += 1) {
        const key = { type: 'MeshTimeout', mesh: 'default', name: `shared-${shared}` };
        expect((await store.get(world.tenant, key))?.version).toBe(20);
      }
      // What a writer was told is what the log says of that revision.
      for (const result of results) {
        const entry = entries.find(({ revision }) => revision === result?.revisions.get('default'));
        const names = entry?.changes.map((change) => (change.kind === 'put' ? change.resource.name : ''));
        expect(names).toContain(result?.resources[0]?.name);
      }
      // They were grouped: far fewer revisions than commits, and a listener hears each revision once.
      expect(entries.length).toBeLessThan(processes === 1 ? 12 : 100);
      expect(heard.reduce((sum, count) => sum + count, 0)).toBe(entries.length - 1);
    });

    it('of one resource at one version: one wins', async () => {
      const stores = [world.open(), world.open(), world.open()];
      await stores[0]?.commit(world.tenant, [putMesh('default')]);
      await stores[0]?.commit(world.tenant, [putIn('default', 'a')]);
      const results = await Promise.all(
        stores.flatMap((store) =>
          [1, 2].map((spec) =>
            resultOf(store.commit(world.tenant, [putIn('default', 'a', { spec, expect: { version: 1 } })])),
          ),
        ),
      );
      expect(results.filter((result) => result === 'done')).toHaveLength(1);
      expect(results.filter((result) => result.startsWith('conflict: resource conflict'))).toHaveLength(5);
    });

    it('do not spoil each other when one is refused', async () => {
      const store = world.open();
      await store.commit(world.tenant, [putMesh('default')]);
      const commits: readonly (readonly Change[])[] = [
        [putIn('default', 'a', { expect: { absent: true } })],
        [putIn('default', 'a', { expect: { absent: true } }), putIn('default', 'never')],
        [putIn('none', 'x')],
        [putIn('default', 'b'), putIn('default', 'a', { expect: { version: 1 } })],
        [putIn('default', 'c')],
      ];
      const results = await Promise.all(
        commits.map((changes) => resultOf(store.commit(world.tenant, changes))),
      );
      expect(results.map((result) => result.split(':')[0])).toStrictEqual([
        'done',
        'conflict',
        'not_found',
        'done',
        'done',
      ]);
      const { resources, revision } = await store.load(world.tenant, 'default');
      expect(resources.map(({ name, version }) => `${name} ${version}`).sort()).toStrictEqual([
        'a 2',
        'b 1',
        'c 1',
        'default 1',
      ]);
      expect(revision).toBe(2);
    });

    it('of different meshes and of Meshes keep all histories whole', async () => {
      const stores = [world.open(), world.open()];
      const meshes = ['one', 'two', 'three'];
      await Promise.all(
        stores.flatMap((store) =>
          meshes.map(async (mesh) => {
            await store.commit(world.tenant, [putMesh(mesh)]);
            await Promise.all(
              Array.from({ length: 10 }, async (_, position) => {
                await store.commit(world.tenant, [putIn(mesh, `n-${position}`)]);
                await store.commit(world.tenant, [putMesh(mesh, { position })]);
              }),
            );
          }),
        ),
      );
      const store = world.open();
      for (const mesh of meshes) {
        await expectConsistent(world, store, mesh);
        const key = { type: 'Mesh', mesh: '', name: mesh };
        const inMesh = (await store.load(world.tenant, mesh)).resources.find(({ type }) => type === 'Mesh');
        expect(inMesh).toStrictEqual(await store.get(world.tenant, key));
        expect(inMesh?.version).toBe(22);
      }
      await expectConsistent(world, store, '');
    });

    it('give up at last, and say that trying again later helps', async () => {
      const rival = world.open();
      await rival.commit(world.tenant, [putMesh('default')]);
      let attempts = 0;
      const items: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          attempts += 1;
          await rival.commit(world.tenant, [putIn('default', 'rival')]);
          await world.items.transact(owner, operations);
        },
      };
      const waits: number[] = [];
      const loser = world.open({
        items,
        contention: {
          maxAttempts: 5,
          wait: async (milliseconds) => void waits.push(milliseconds),
          random: () => 0.5,
        },
      });
      const error = await loser
        .commit(world.tenant, [putIn('default', 'loser')])
        .catch((caught: unknown) => caught);
      expect(isKumulusError(error, 'unavailable') && error.retryAfterSeconds).toBe(1);
      expect(attempts).toBe(5);
      expect(waits).toStrictEqual([4, 8, 16, 32]);
      await expectConsistent(world, rival, 'default');
    });

    it('come through when others are faster for a while', async () => {
      const rival = world.open();
      await rival.commit(world.tenant, [putMesh('default')]);
      let attempts = 0;
      const items: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          attempts += 1;
          if (attempts < 4) {
            await rival.commit(world.tenant, [putIn('default', 'a')]);
          }
          await world.items.transact(owner, operations);
        },
      };
      const { resources } = await world.open({ items }).commit(world.tenant, [putIn('default', 'a')]);
      expect(resources[0]?.version).toBe(4);
      await expectConsistent(world, rival, 'default');
    });
  });
}
