import { beforeEach, describe, expect, it } from 'vitest';
import { createInsights } from '../../../src/store/create-insights.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import type { Change, ResourceStore } from '../../../src/store/resource-store.ts';
import { dataPartition, insightsPartition, purgesPartition } from '../../../src/store/resources/keys.ts';
import { deleteIn, putIn, putMesh, recordingLogger, type World } from '../support/world.ts';
import { resultOf } from './commits.case.ts';
import { expectConsistent } from './concurrency.case.ts';

export function deletionCases(world: World): void {
  describe('the deletion of a mesh', () => {
    let store: ResourceStore;
    const commit = (...changes: Change[]) => store.commit(world.tenant, changes);
    const remove = (one = store) => one.deleteMesh(world.tenant, 'default');
    const get = (name: string) => store.get(world.tenant, { type: 'MeshTimeout', mesh: 'default', name });
    /** What is left of generations of the mesh. */
    const leftOf = async (...generations: number[]) => {
      const partitions = generations.flatMap((generation) => [
        dataPartition('default', generation),
        insightsPartition('default', generation),
      ]);
      const items = await Promise.all([...partitions, purgesPartition].map((name) => world.partition(name)));
      return items.flat().map(({ partition, sort }) => `${partition} ${sort}`);
    };
    beforeEach(async () => {
      store = world.open();
      await commit(putMesh('default'), putIn('default', 'a'));
      await commit(putIn('default', 'b'));
    });

    it('takes everything away', async () => {
      const insights = createInsights({ items: world.items, clock: () => world.now });
      await insights.update(world.tenant, 'default', 'dp', () => ({ subscriptions: [] }));
      await store.fold(world.tenant, 'default');
      expect((await leftOf(1)).length).toBeGreaterThan(5);
      const heard: string[] = [];
      store.onCommit((_, mesh, revision) => heard.push(`${mesh} ${revision}`));
      await remove();
      expect(heard).toStrictEqual([' 2', 'default 3']);
      expect(await get('a')).toBeUndefined();
      expect(
        await world.open().get(world.tenant, { type: 'MeshTimeout', mesh: 'default', name: 'a' }),
      ).toBeUndefined();
      expect(await store.get(world.tenant, { type: 'Mesh', mesh: '', name: 'default' })).toBeUndefined();
      expect(await store.load(world.tenant, 'default')).toStrictEqual({ revision: 3, resources: [] });
      expect(await store.head(world.tenant, 'default')).toStrictEqual({
        revision: 3,
        counts: {},
        snapshotRevision: 0,
      });
      expect((await store.head(world.tenant, '')).counts).toStrictEqual({});
      expect(await insights.list(world.tenant, 'default')).toStrictEqual([]);
      expect(await leftOf(0, 1)).toStrictEqual([]);
      await expectConsistent(world, store, '');
      expect(await resultOf(commit(putIn('default', 'c')))).toBe(
        'not_found: mesh of name default is not found',
      );
    });

    it('is refused of what is not there, and twice', async () => {
      expect(await resultOf(store.deleteMesh(world.tenant, 'none'))).toBe(
        'not_found: mesh of name none is not found',
      );
      await remove();
      expect(await resultOf(remove())).toBe('not_found: mesh of name default is not found');
    });

    it('is refused while there are Dataplanes', async () => {
      await commit(putIn('default', 'dp', { type: 'Dataplane' }));
      expect(await resultOf(remove())).toBe(
        'conflict: unable to delete mesh, there are still some dataplanes attached',
      );
      expect((await get('a'))?.version).toBe(1);
      await commit(deleteIn('default', 'dp', { type: 'Dataplane' }));
      expect(await resultOf(remove())).toBe('done');
    });

    it('tells readers of the log to load', async () => {
      await remove();
      expect(await store.logAfter(world.tenant, 'default', 2)).toStrictEqual({ kind: 'expired' });
      expect(await store.logAfter(world.tenant, 'default', 3)).toStrictEqual({
        kind: 'entries',
        entries: [],
      });
      await commit(putMesh('default'));
      expect(await store.logAfter(world.tenant, 'default', 2)).toStrictEqual({ kind: 'expired' });
      const answer = await store.logAfter(world.tenant, 'default', 3);
      expect(answer.kind === 'entries' && answer.entries.map(({ revision }) => revision)).toStrictEqual([4]);
    });

    it('leaves nothing for a mesh of the same name that is made anew', async () => {
      await store.fold(world.tenant, 'default');
      const other = world.open();
      expect(
        await other.get(world.tenant, { type: 'MeshTimeout', mesh: 'default', name: 'a' }),
      ).toBeDefined();
      await remove();
      await commit(putMesh('default', { anew: true }));
      const result = await commit(putIn('default', 'a', { expect: { absent: true } }));
      expect(result.resources[0]?.version).toBe(1);
      expect(result.revisions).toStrictEqual(new Map([['default', 5]]));
      for (const one of [store, other, world.open()]) {
        const { resources } = await one.load(world.tenant, 'default');
        expect(resources.map(({ name, version }) => `${name} ${version}`).sort()).toStrictEqual([
          'a 1',
          'default 1',
        ]);
        expect(
          await one.get(world.tenant, { type: 'MeshTimeout', mesh: 'default', name: 'b' }),
        ).toBeUndefined();
        expect((await one.head(world.tenant, 'default')).counts).toStrictEqual({ Mesh: 1, MeshTimeout: 1 });
      }
      await other.commit(world.tenant, [putIn('default', 'c')]);
      await other.fold(world.tenant, 'default');
      expect((await store.load(world.tenant, 'default')).resources).toHaveLength(3);
      expect(await leftOf(1)).toStrictEqual([]);
    });

    it('is ended by purge where it was interrupted, even when the mesh has been made anew', async () => {
      const logger = recordingLogger();
      const broken: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          if (operations.every((one) => one.kind === 'delete')) {
            throw new Error('the table is out of reach');
          }
          await world.items.transact(owner, operations);
        },
      };
      await remove(world.open({ items: broken, logger }));
      expect(logger.messages).toStrictEqual([
        'removal of a deleted mesh was interrupted and will be ended by purge',
      ]);
      expect((await leftOf(1)).length).toBeGreaterThan(3);
      expect(await get('a')).toBeUndefined();
      expect(await resultOf(commit(deleteIn('default', 'a')))).toContain('not_found: resource not found');
      await commit(putMesh('default'), putIn('default', 'new'));
      expect(await get('a')).toBeUndefined();
      await store.purge(world.tenant);
      expect(await leftOf(1)).toStrictEqual([]);
      expect((await get('new'))?.version).toBe(1);
      await store.purge(world.tenant);
      expect((await store.load(world.tenant, 'default')).resources).toHaveLength(2);
    });

    it('goes on over many pages', async () => {
      for (let start = 0; start < 280; start += 40) {
        await commit(...Array.from({ length: 40 }, (_, n) => putIn('default', `n-${start + n}`)));
      }
      await remove();
      expect(await leftOf(1)).toStrictEqual([]);
    });

    it('and writes at the same time agree on which came first', async () => {
      const stores = [world.open(), world.open()];
      for (let round = 0; round < 6; round += 1) {
        const results = await Promise.all([
          ...stores.map((one, position) =>
            resultOf(one.commit(world.tenant, [putIn('default', `late-${position}`)])),
          ),
          resultOf(stores[round % 2]?.deleteMesh(world.tenant, 'default') ?? Promise.resolve()),
          ...stores.map((one) => resultOf(one.fold(world.tenant, 'default'))),
        ]);
        expect(results.slice(2)).toStrictEqual(['done', 'done', 'done']);
        for (const result of results.slice(0, 2)) {
          expect(['done', 'not_found: mesh of name default is not found']).toContain(result);
        }
        const { revision } = await store.head(world.tenant, 'default');
        expect(await store.load(world.tenant, 'default')).toStrictEqual({ revision, resources: [] });
        const generations = Array.from({ length: revision + 1 }, (_, n) => n);
        expect(await leftOf(...generations)).toStrictEqual([]);
        await commit(putMesh('default'), putIn('default', 'a'));
      }
    });

    it('loses against, or wins over, a Dataplane that registers, and never leaves both', async () => {
      const other = world.open();
      for (let round = 0; round < 6; round += 1) {
        const [deleted, registered] = await Promise.all([
          resultOf(remove()),
          resultOf(other.commit(world.tenant, [putIn('default', 'dp', { type: 'Dataplane' })])),
        ]);
        expect([deleted, registered].filter((result) => result === 'done')).toHaveLength(1);
        if (registered === 'done') {
          await commit(deleteIn('default', 'dp', { type: 'Dataplane' }));
        } else {
          await commit(putMesh('default'));
        }
      }
    });
  });
}
