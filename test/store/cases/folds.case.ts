import { describe, expect, it } from 'vitest';
import type { ItemStore } from '../../../src/store/port.ts';
import { createSnapshotWorld } from '../support/snapshots.ts';
import { deleteIn, printed, putIn, putMesh, type World } from '../support/world.ts';
import { expectConsistent } from './concurrency.case.ts';

/** Snapshots that are made while others write, by several at once, and by those who die or wake up. */
export function foldCases(world: World): void {
  describe('snapshots', () => {
    const snapshots = createSnapshotWorld(world);
    const { commit, fold, load, pieces, pieceNames, snapshotItem, listedPieces, printedItems, noise, fill } =
      snapshots;

    it('are made while others write, by several at once, and lose nothing', async () => {
      const stores = [world.open(), world.open(), world.open()];
      await Promise.all([
        ...stores.map(async (one) => {
          for (let round = 0; round < 5; round += 1) {
            await one.fold(world.tenant, 'default');
          }
        }),
        ...stores.map(async (one, writer) => {
          for (let round = 0; round < 12; round += 1) {
            await one.commit(world.tenant, [
              putIn('default', `w-${writer}-${round}`),
              putIn('default', 'shared'),
            ]);
            expect((await one.load(world.tenant, 'default')).resources.map(({ name }) => name)).toContain(
              `w-${writer}-${round}`,
            );
          }
        }),
      ]);
      await expectConsistent(world, snapshots.store, 'default');
      await fold();
      expect(await snapshotItem()).toStrictEqual({
        revision: 37,
        base: expect.any(Array),
        deltas: expect.any(Array),
      });
      expect(await pieceNames()).toStrictEqual(await listedPieces());
      expect(printed((await load()).resources)).toStrictEqual(await printedItems());
    });

    it('are taken over from one who died, and his pieces removed', async () => {
      await fill();
      let puts = 0;
      const dying: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          puts += operations.some((one) => one.kind === 'put' && one.item.sort.startsWith('s/')) ? 1 : 0;
          if (puts > 0 && operations.some((one) => one.kind === 'put' && one.item.sort === 'head')) {
            throw new Error('killed');
          }
          await world.items.transact(owner, operations);
        },
      };
      await expect(world.open({ items: dying }).fold(world.tenant, 'default')).rejects.toThrow('killed');
      const left = await pieces();
      expect(left.length).toBeGreaterThan(0);
      await commit(putIn('default', 'n-1', { type: 'Dataplane', spec: 'changed' }));
      await fold();
      expect((await snapshots.store.head(world.tenant, 'default')).snapshotRevision).toBe(0);
      world.now += 11 * 60_000;
      await fold();
      expect((await snapshots.store.head(world.tenant, 'default')).snapshotRevision).toBe(12);
      const kept = (await pieces()).map(({ sort }) => sort);
      expect(left.filter(({ sort }) => kept.includes(sort))).toStrictEqual([]);
      expect(await pieceNames()).toStrictEqual(await listedPieces());
      expect((await load()).resources).toHaveLength(301);
    });

    it('are not spoilt by one who was taken for dead and wakes up', async () => {
      await fill();
      const stop = { at: 's/', reached: () => {}, wake: Promise.resolve() };
      const items: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          if (operations.some((one) => one.kind === 'put' && one.item.sort.startsWith(stop.at))) {
            stop.reached();
            await stop.wake;
          }
          await world.items.transact(owner, operations);
        },
      };
      for (const at of ['s/', 'head']) {
        let wake = () => {};
        stop.at = at;
        stop.wake = new Promise((resolve) => (wake = resolve));
        const asleep = new Promise<void>((resolve) => (stop.reached = resolve));
        await commit(putIn('default', 'n-1', { type: 'Dataplane', spec: noise(80_000) }));
        const slow = world.open({ items }).fold(world.tenant, 'default');
        await asleep;
        world.now += 11 * 60_000;
        await commit(putIn('default', 'n-2', { type: 'Dataplane', spec: noise(80_000) }));
        await fold();
        const before = await snapshotItem();
        wake();
        await slow;
        expect(await snapshotItem()).toStrictEqual(before);
        expect(await pieceNames()).toStrictEqual(await listedPieces());
        expect(printed((await load()).resources)).toStrictEqual(await printedItems());
      }
    });

    it('keep nothing of one who wakes up while what he has left is removed', async () => {
      await fill();
      let wake = () => {};
      let reached = () => {};
      const awake = new Promise<void>((resolve) => (wake = resolve));
      const asleep = new Promise<void>((resolve) => (reached = resolve));
      const sleeping: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          if (operations.some((one) => one.kind === 'put' && one.item.sort.startsWith('s/'))) {
            reached();
            await awake;
          }
          await world.items.transact(owner, operations);
        },
      };
      const slow = world.open({ items: sleeping }).fold(world.tenant, 'default');
      await asleep;
      world.now += 11 * 60_000;
      const removing: ItemStore = {
        ...world.items,
        async query(owner, query) {
          const page = await world.items.query(owner, query);
          if (query.prefix?.startsWith('s/') === true) {
            wake();
            await slow;
          }
          return page;
        },
      };
      await world.open({ items: removing }).fold(world.tenant, 'default');
      expect(await pieceNames()).toStrictEqual(await listedPieces());
      expect(printed((await load()).resources)).toStrictEqual(await printedItems());
    });

    it('leave to the log what is too much for one transaction', async () => {
      await fill();
      const rival = world.open();
      let done = false;
      const items: ItemStore = {
        ...world.items,
        async query(owner, query) {
          if (query.prefix === 'r/' && !done) {
            done = true;
            for (const n of [1, 2, 3, 4, 5]) {
              await rival.commit(world.tenant, [putIn('default', `large-${n}`, { spec: noise(300_000) })]);
            }
          }
          return world.items.query(owner, query);
        },
      };
      await world.open({ items }).fold(world.tenant, 'default');
      expect(await snapshots.store.head(world.tenant, 'default')).toMatchObject({
        revision: 16,
        snapshotRevision: 11,
      });
      expect(printed((await load()).resources)).toStrictEqual(await printedItems());
      await fold();
      expect(await snapshots.store.head(world.tenant, 'default')).toMatchObject({
        revision: 16,
        snapshotRevision: 16,
      });
      expect(printed((await load()).resources)).toStrictEqual(await printedItems());
      expect(await pieceNames()).toStrictEqual(await listedPieces());
    });

    it('are not left alone for longer because the clock was set back', async () => {
      await fill();
      const dying: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          if (operations.some((one) => one.kind === 'put' && one.item.sort === 'head')) {
            throw new Error('killed');
          }
          await world.items.transact(owner, operations);
        },
      };
      await expect(world.open({ items: dying }).fold(world.tenant, 'default')).rejects.toThrow('killed');
      world.now -= 3_600_000;
      await fold();
      expect((await snapshots.store.head(world.tenant, 'default')).snapshotRevision).toBe(11);
    });

    it.each([
      ['before', 'a base'],
      ['after', 'a base'],
      ['before', 'changes'],
      ['after', 'changes'],
      ['before', 'a base anew'],
      ['after', 'a base anew'],
    ] as const)('may be stopped %s any of its writes, while %s is made', async (when, what) => {
      /** Folds while all writes from the one of that number on fail; gives back whether there was one. */
      const foldStopped = async (mesh: string, stopAt: number) => {
        let writes = 0;
        const items: ItemStore = {
          ...world.items,
          async transact(owner, operations) {
            writes += 1;
            if (writes < stopAt || (writes === stopAt && when === 'after')) {
              await world.items.transact(owner, operations);
            }
            if (writes >= stopAt) {
              throw new Error('stopped');
            }
          },
        };
        await world
          .open({ items })
          .fold(world.tenant, mesh)
          .catch(() => {});
        return writes >= stopAt;
      };
      let stopAt = 1;
      for (let wasStopped = true; wasStopped; stopAt += 1) {
        const mesh = `m-${stopAt}`;
        const names = Array.from({ length: 60 }, (_, n) => `n-${n}`);
        const expectWhole = async () =>
          expect(printed((await world.open().load(world.tenant, mesh)).resources)).toStrictEqual(
            await printedItems(mesh),
          );
        await commit(putMesh(mesh), ...names.map((name) => putIn(mesh, name)));
        if (what !== 'a base') {
          await snapshots.store.fold(world.tenant, mesh);
          await commit(
            deleteIn(mesh, 'n-1'),
            putIn(mesh, 'n-2', { spec: noise(what === 'changes' ? 100 : 80_000) }),
          );
        }
        wasStopped = await foldStopped(mesh, stopAt);
        await expectWhole();
        world.now += 11 * 60_000;
        await commit(putIn(mesh, 'n-3', { spec: 'later' }), deleteIn(mesh, 'n-4'));
        await Promise.all([snapshots.store.fold(world.tenant, mesh), world.open().fold(world.tenant, mesh)]);
        await expectWhole();
        await snapshots.store.fold(world.tenant, mesh);
        expect(await pieceNames(mesh)).toStrictEqual(await listedPieces(mesh));
        expect(await snapshots.store.head(world.tenant, mesh)).toMatchObject({
          snapshotRevision: what === 'a base' ? 2 : 3,
        });
      }
      // The last one had nothing left to be stopped at.
      expect(stopAt - 2).toBe({ 'a base': 3, changes: 1, 'a base anew': 3 }[what]);
    });
  });
}
