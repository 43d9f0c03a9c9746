import { describe, expect, it } from 'vitest';
import { applyEntries, contextOf } from '../../../src/context/apply.ts';
import { type ItemKey, type ItemStore, maxValueBytes } from '../../../src/store/port.ts';
import { dataPartition } from '../../../src/store/resources/keys.ts';
import { decodePiece } from '../../../src/store/resources/pieces.ts';
import { createSnapshotWorld } from '../support/snapshots.ts';
import { deleteIn, printed, putIn, putMesh, type World } from '../support/world.ts';
import { expectConsistent } from './concurrency.case.ts';

function randomFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** What snapshots hold, and how they are read. */
export function snapshotCases(world: World): void {
  describe('snapshots', () => {
    const snapshots = createSnapshotWorld(world);
    const { commit, fold, load, pieces, pieceNames, snapshotItem, listedPieces, printedItems, noise, fill } =
      snapshots;

    it('are what was there, and what came after is read on top', async () => {
      await commit(putIn('default', 'a'), putIn('default', 'b'));
      await fold();
      expect(await snapshots.store.head(world.tenant, 'default')).toStrictEqual({
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
                snapshots.store.get(world.tenant, { type: 'MeshTimeout', mesh: 'default', name }),
              ),
            )
          )
            .flatMap((resource) => resource ?? [])
            .concat(folded.resources.filter(({ type }) => type === 'Mesh')),
        ),
      );
      expect(revision).toBe(3);
      await expectConsistent(world, snapshots.store, 'default');
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
      await snapshots.store.fold(world.tenant, 'none');
      expect(await world.partition(dataPartition('default', 1))).toStrictEqual(before);
      expect(await world.partition(dataPartition('none', 0))).toStrictEqual([]);
    });

    it('are made of the global scope, too', async () => {
      await commit(putMesh('other'));
      await snapshots.store.fold(world.tenant, '');
      expect((await snapshots.store.head(world.tenant, '')).snapshotRevision).toBe(2);
      const { resources } = await world.open().load(world.tenant, '');
      expect(resources.map(({ name }) => name).sort()).toStrictEqual(['default', 'other']);
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
      await expectConsistent(world, snapshots.store, 'default');
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
            await snapshots.store.deleteMesh(world.tenant, 'default');
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
      let context = contextOf('default', await snapshots.store.load(world.tenant, 'default'));
      for (let round = 0; round < 60; round += 1) {
        const one = stores[random(2)] ?? snapshots.store;
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
      await expectConsistent(world, snapshots.store, 'default');
    });
  });
}
