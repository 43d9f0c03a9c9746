import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { applyEntries, contextOf } from '../../../src/context/apply.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { createDueFolds } from '../../../src/store/create-due-folds.ts';
import type { DueFold } from '../../../src/store/due-folds.ts';
import { type ItemKey, type ItemStore, maxValueBytes } from '../../../src/store/port.ts';
import type { Change, ResourceStore } from '../../../src/store/resource-store.ts';
import { dataPartition } from '../../../src/store/resources/keys.ts';
import { decodePiece } from '../../../src/store/resources/pieces.ts';
import { decodeSnapshotItem } from '../../../src/store/resources/snapshot.ts';
import { deleteIn, printed, putIn, putMesh, type World } from '../support/world.ts';
import { expectConsistent } from './concurrency.case.ts';

/** Random numbers below a bound; the same ones every time. */
function randomFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

export function snapshotCases(world: World): void {
  describe('snapshots', () => {
    let store: ResourceStore;
    const commit = (...changes: Change[]) => store.commit(world.tenant, changes);
    const fold = () => store.fold(world.tenant, 'default');
    const load = () => world.open().load(world.tenant, 'default');
    const pieces = async (mesh = 'default') =>
      (await world.partition(dataPartition(mesh, 1))).filter(({ sort }) => sort.startsWith('s/'));
    const pieceNames = async (mesh = 'default') =>
      (await pieces(mesh)).map(({ sort }) => sort.slice(2)).sort();
    const snapshotItem = async (mesh = 'default') => {
      const partition = await world.partition(dataPartition(mesh, 1));
      return decodeSnapshotItem(partition.find(({ sort }) => sort === 'snapshot'));
    };
    const listedPieces = async (mesh = 'default') => {
      const { base, deltas } = await snapshotItem(mesh);
      return [...base, ...deltas].map(({ name }) => name).sort();
    };
    const printedItems = async (mesh = 'default') => {
      const partition = await world.partition(dataPartition(mesh, 1));
      const texts = partition.filter(({ sort }) => sort.startsWith('r/')).map(({ value }) => String(value));
      return printed(texts.map((text) => JSON.parse(text) as Resource));
    };
    /** Text that does not compress. */
    const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length);
    /** 300 resources. */
    const fill = async () => {
      for (let start = 0; start < 300; start += 30) {
        await commit(
          ...Array.from({ length: 30 }, (_, position) =>
            putIn('default', `n-${start + position}`, { type: 'Dataplane' }),
          ),
        );
      }
    };
    beforeEach(async () => {
      store = world.open();
      await commit(putMesh('default'));
    });

    it('are what was there, and what came after is read on top', async () => {
      await commit(putIn('default', 'a'), putIn('default', 'b'));
      await fold();
      expect(await store.head(world.tenant, 'default')).toStrictEqual({
        revision: 2,
        counts: { Mesh: 1, MeshTimeout: 2 },
        snapshotRevision: 2,
      });
      const folded = await load();
      expect(folded.resources.map(({ name }) => name).sort()).toStrictEqual(['a', 'b', 'default']);
      await commit(deleteIn('default', 'a'), putIn('default', 'b', { spec: 2 }), putIn('default', 'c'));
      const { resources, revision } = await load();
      expect(printed(resources)).toStrictEqual(
        printed(
          (
            await Promise.all(
              ['b', 'c'].map((name) =>
                store.get(world.tenant, { type: 'MeshTimeout', mesh: 'default', name }),
              ),
            )
          )
            .flatMap((resource) => resource ?? [])
            .concat(folded.resources.filter(({ type }) => type === 'Mesh')),
        ),
      );
      expect(revision).toBe(3);
      await expectConsistent(world, store, 'default');
    });

    it('are read instead of the items of the resources', async () => {
      await fill();
      await fold();
      const queried: string[] = [];
      const items: ItemStore = {
        ...world.items,
        query: (owner, query) => {
          queried.push(query.prefix ?? '');
          return world.items.query(owner, query);
        },
      };
      const { resources } = await world.open({ items }).load(world.tenant, 'default');
      expect(resources).toHaveLength(301);
      expect(queried).toStrictEqual([]);
    });

    it('take what has changed beside what was there, and both into a new base when it has grown', async () => {
      await fill();
      await fold();
      const before = await snapshotItem();
      expect(before).toMatchObject({ base: [expect.anything()], deltas: [] });
      await commit(putIn('default', 'n-77', { type: 'Dataplane', spec: 'changed' }));
      await commit(deleteIn('default', 'n-78', { type: 'Dataplane' }));
      await fold();
      const after = await snapshotItem();
      expect(after).toStrictEqual({ revision: 13, base: before.base, deltas: [expect.anything()] });
      expect(printed((await load()).resources)).toStrictEqual(await printedItems());
      for (let round = 0; (await snapshotItem()).base[0]?.name === before.base[0]?.name; round += 1) {
        expect(round).toBeLessThan(20);
        await commit(putIn('default', `n-${round}`, { type: 'Dataplane', spec: noise(10_000) }));
        await fold();
        expect((await snapshotItem()).deltas.length).toBeLessThan(6);
        expect(printed((await load()).resources)).toStrictEqual(await printedItems());
      }
      expect(await snapshotItem()).toMatchObject({ deltas: [] });
      expect(await pieceNames()).toStrictEqual(await listedPieces());
    });

    it('keep the pieces of a base in which nothing has changed', async () => {
      for (let start = 0; start < 150; start += 15) {
        await commit(
          ...Array.from({ length: 15 }, (_, n) =>
            putIn('default', `n-${100 + start + n}`, { spec: 'x'.repeat(20_000) }),
          ),
        );
      }
      await fold();
      const before = await snapshotItem();
      await commit(putIn('default', 'n-101', { spec: noise(70_000) }), deleteIn('default', 'n-102'));
      await fold();
      const after = await snapshotItem();
      expect(before.base).toHaveLength(3);
      const names = before.base.map(({ name }) => name);
      expect(after.base.filter(({ name }) => !names.includes(name))).toHaveLength(2);
      expect(after).toMatchObject({ base: [before.base[1], before.base[2], {}, {}], deltas: [] });
      const texts = await Promise.all((await pieces()).map(({ value }) => decodePiece(Buffer.from(value))));
      // The Mesh, and 150 of which one is gone.
      expect(texts.flat()).toHaveLength(150);
      expect(printed((await load()).resources)).toStrictEqual(await printedItems());
      expect(await pieceNames()).toStrictEqual(await listedPieces());
    });

    it('hold large resources that do not compress', async () => {
      for (let n = 0; n < 8; n += 1) {
        await commit(putIn('default', `n-${n}`, { spec: noise(n < 2 ? 300_000 : 110_000) }));
      }
      await fold();
      const sizes = (await pieces()).map(({ value }) => value.length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(maxValueBytes);
      expect((await load()).resources).toHaveLength(9);
    });

    it('are not made anew where nothing has changed, and not of what is not there', async () => {
      await commit(putIn('default', 'a'));
      await fold();
      const before = await world.partition(dataPartition('default', 1));
      await fold();
      await store.fold(world.tenant, 'none');
      expect(await world.partition(dataPartition('default', 1))).toStrictEqual(before);
      expect(await world.partition(dataPartition('none', 0))).toStrictEqual([]);
    });

    describe('that are due', () => {
      const due = async (now = world.now) => {
        const found: DueFold[] = [];
        for await (const page of createDueFolds(world.items).due(now)) {
          found.push(...page.filter(({ tenant }) => tenant === world.tenant));
        }
        return found;
      };
      const change = () => commit(putIn('default', 'n-1', { type: 'Dataplane', spec: 'changed' }));
      const hour = 3_600_000;

      it('are entered once the log has grown by so many commits, and again after as many', async () => {
        await fill();
        for (let round = 11; round < 63; round += 1) {
          await change();
        }
        expect(await due()).toStrictEqual([]);
        await change();
        const [first] = await due();
        expect(first).toMatchObject({ tenant: world.tenant, mesh: 'default', version: 64 });
        for (let round = 0; round < 64; round += 1) {
          await change();
        }
        expect(await due()).toMatchObject([{ mesh: 'default', version: 128 }]);
      });

      it('are entered once the log has grown by so many bytes', async () => {
        await fill();
        await commit(putIn('default', 'large', { spec: 'x'.repeat(300_000) }));
        expect(await due()).toStrictEqual([]);
        await commit(putIn('default', 'large', { spec: 'x'.repeat(300_000) }));
        expect(await due()).toMatchObject([{ mesh: 'default', version: 13 }]);
        await commit(putIn('default', 'large', { spec: 'x'.repeat(300_000) }));
        expect(await due()).toMatchObject([{ mesh: 'default', version: 13 }]);
        await fold();
        await change();
        expect(await due()).toMatchObject([{ mesh: 'default', version: 13 }]);
      });

      it('are entered for when half of the life of the log is over, lest it is gone before it is folded', async () => {
        await fill();
        await fold();
        await change();
        expect(await due(world.now + 2 * hour)).toStrictEqual([]);
        await change();
        expect(await due(world.now + 4 * hour)).toMatchObject([{ mesh: 'default', version: 12 }]);
      });

      it('are entered where a commit comes between the reading of the log and the end of the fold', async () => {
        await fill();
        const rival = world.open();
        let done = false;
        const items: ItemStore = {
          ...world.items,
          async query(owner, query) {
            const page = await world.items.query(owner, query);
            if (query.prefix === 'l/' && !done) {
              done = true;
              await rival.commit(world.tenant, [putIn('default', 'late')]);
            }
            return page;
          },
        };
        await world.open({ items }).fold(world.tenant, 'default');
        expect(await store.head(world.tenant, 'default')).toMatchObject({
          revision: 12,
          snapshotRevision: 11,
        });
        expect(await due(world.now + 4 * hour)).toMatchObject([{ mesh: 'default', version: 12 }]);
        expect(printed((await load()).resources)).toStrictEqual(await printedItems());
      });

      it('are none of small meshes, nor of one that was just made anew', async () => {
        for (let round = 0; round < 70; round += 1) {
          await commit(putIn('default', `n-${round % 50}`));
        }
        expect(await due(world.now + 24 * hour)).toStrictEqual([]);
        await store.deleteMesh(world.tenant, 'default');
        await commit(putMesh('default'));
        await fill();
        expect(await due(world.now + 24 * hour)).toStrictEqual([]);
      });

      it('stay entered until they are settled, and where they were entered anew meanwhile', async () => {
        await fill();
        for (let round = 11; round < 64; round += 1) {
          await change();
        }
        const [first] = await due();
        for (let round = 0; round < 64; round += 1) {
          await change();
        }
        const list = createDueFolds(world.items);
        if (first !== undefined) {
          await list.settle(first);
        }
        const [second] = await due();
        expect(second).toMatchObject({ version: 128 });
        if (second !== undefined) {
          await list.settle(second);
          await list.settle(second);
        }
        expect(await due()).toStrictEqual([]);
      });
    });

    it('are made of the global scope, too', async () => {
      await commit(putMesh('other'));
      await store.fold(world.tenant, '');
      expect((await store.head(world.tenant, '')).snapshotRevision).toBe(2);
      const { resources } = await world.open().load(world.tenant, '');
      expect(resources.map(({ name }) => name).sort()).toStrictEqual(['default', 'other']);
    });

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
      await expectConsistent(world, store, 'default');
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
      expect((await store.head(world.tenant, 'default')).snapshotRevision).toBe(0);
      world.now += 11 * 60_000;
      await fold();
      expect((await store.head(world.tenant, 'default')).snapshotRevision).toBe(12);
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
      expect(await store.head(world.tenant, 'default')).toMatchObject({ revision: 16, snapshotRevision: 11 });
      expect(printed((await load()).resources)).toStrictEqual(await printedItems());
      await fold();
      expect(await store.head(world.tenant, 'default')).toMatchObject({ revision: 16, snapshotRevision: 16 });
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
      expect((await store.head(world.tenant, 'default')).snapshotRevision).toBe(11);
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
          await store.fold(world.tenant, mesh);
          await commit(
            deleteIn(mesh, 'n-1'),
            putIn(mesh, 'n-2', { spec: noise(what === 'changes' ? 100 : 80_000) }),
          );
        }
        wasStopped = await foldStopped(mesh, stopAt);
        await expectWhole();
        world.now += 11 * 60_000;
        await commit(putIn(mesh, 'n-3', { spec: 'later' }), deleteIn(mesh, 'n-4'));
        await Promise.all([store.fold(world.tenant, mesh), world.open().fold(world.tenant, mesh)]);
        await expectWhole();
        await store.fold(world.tenant, mesh);
        expect(await pieceNames(mesh)).toStrictEqual(await listedPieces(mesh));
        expect(await store.head(world.tenant, mesh)).toMatchObject({
          snapshotRevision: what === 'a base' ? 2 : 3,
        });
      }
      // The last one had nothing left to be stopped at.
      expect(stopAt - 2).toBe({ 'a base': 3, changes: 1, 'a base anew': 3 }[what]);
    });

    it.each([
      ['the snapshot is replaced before its pieces are read', 's/'],
      ['the snapshot is replaced before it is read', 'snapshot'],
    ])('are read again, and not the items, where %s', async (_, from) => {
      await fill();
      await fold();
      const rival = world.open();
      const queried: string[] = [];
      let rounds = 0;
      const replace = async (keys: readonly ItemKey[]) => {
        if (rounds < 2 && keys.some(({ sort }) => sort.startsWith(from))) {
          rounds += 1;
          await rival.commit(world.tenant, [
            putIn('default', 'n-9', { type: 'Dataplane', spec: noise(80_000) }),
          ]);
          await rival.fold(world.tenant, 'default');
        }
      };
      const items: ItemStore = {
        ...world.items,
        async get(owner, key) {
          await replace([key]);
          return world.items.get(owner, key);
        },
        async batchGet(owner, keys) {
          await replace(keys);
          return world.items.batchGet(owner, keys);
        },
        async query(owner, query) {
          queried.push(query.prefix ?? '');
          return world.items.query(owner, query);
        },
      };
      const { resources, revision } = await world.open({ items }).load(world.tenant, 'default');
      expect([revision, rounds]).toStrictEqual([13, 2]);
      expect(printed(resources)).toStrictEqual(await printedItems());
      expect(queried).not.toContain('r/');
    });

    it('may be missing: then the items are read, with what is written meanwhile', async () => {
      await fill();
      const rival = world.open();
      let pages = 0;
      const items: ItemStore = {
        ...world.items,
        async query(owner, query) {
          const page = await world.items.query(
            owner,
            query.prefix === 'r/' ? { ...query, limit: 100 } : query,
          );
          pages += query.prefix === 'r/' ? 1 : 0;
          if (query.prefix === 'r/' && pages === 2) {
            await rival.commit(world.tenant, [
              deleteIn('default', 'n-0', { type: 'Dataplane' }),
              putIn('default', 'n-1', { type: 'Dataplane', spec: 'changed' }),
              putIn('default', 'a', { type: 'Dataplane' }),
              deleteIn('default', 'n-99', { type: 'Dataplane' }),
            ]);
          }
          return page;
        },
      };
      const state = await world.open({ items }).load(world.tenant, 'default');
      expect(pages).toBeGreaterThanOrEqual(3);
      expect(state.revision).toBe(12);
      expect(printed(state.resources)).toStrictEqual(printed((await load()).resources));
      expect(state.resources).toHaveLength(300);
      await expectConsistent(world, store, 'default');
    });

    it('and items are read again where the mesh is deleted and made anew meanwhile', async () => {
      await commit(putIn('default', 'old'));
      let done = false;
      const items: ItemStore = {
        ...world.items,
        async query(owner, query) {
          const page = await world.items.query(owner, query);
          if (!done) {
            done = true;
            await store.deleteMesh(world.tenant, 'default');
            await commit(putMesh('default'), putIn('default', 'new'));
          }
          return page;
        },
      };
      const { resources } = await world.open({ items }).load(world.tenant, 'default');
      expect(resources.map(({ name }) => name).sort()).toStrictEqual(['default', 'new']);
    });

    it('give what was written, whatever the history', async () => {
      const random = randomFrom(42);
      const stores = [world.open(), world.open()];
      const model = new Map<string, string>();
      let context = contextOf('default', await store.load(world.tenant, 'default'));
      for (let round = 0; round < 60; round += 1) {
        const one = stores[random(2)] ?? store;
        const changes = Array.from({ length: 1 + random(4) }, () => {
          const name = `n-${random(12)}`;
          const type = random(2) === 0 ? 'MeshRetry' : 'MeshTimeout';
          const key = `${type}/${name}`;
          if (model.has(key) && random(3) === 0) {
            model.delete(key);
            return deleteIn('default', name, { type });
          }
          const spec = { round, noise: 'é\n'.repeat(random(50)) };
          model.set(key, JSON.stringify(spec));
          return putIn('default', name, { type, spec });
        });
        await one.commit(world.tenant, changes);
        if (random(5) === 0) {
          await one.fold(world.tenant, 'default');
        }
        const state = await (random(2) === 0 ? one : world.open()).load(world.tenant, 'default');
        const inMesh = state.resources.filter(({ type }) => type !== 'Mesh');
        expect(
          new Map(inMesh.map(({ type, name, spec }) => [`${type}/${name}`, JSON.stringify(spec)])),
        ).toStrictEqual(new Map([...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, v])));
        const answer = await one.logAfter(world.tenant, 'default', context.revision);
        context = applyEntries(context, answer.kind === 'entries' ? answer.entries : []).context;
        expect(context).toStrictEqual(contextOf('default', state));
      }
      await expectConsistent(world, store, 'default');
    });
  });
}
