import { inflateRawSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { applyEntries, contextOf } from '../../../src/context/apply.ts';
import { type ItemStore, maxValueBytes } from '../../../src/store/port.ts';
import type { Change, ResourceStore } from '../../../src/store/resource-store.ts';
import { dataPartition } from '../../../src/store/resources/keys.ts';
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
    const pieces = async () =>
      (await world.partition(dataPartition('default', 1))).filter(({ sort }) => sort.startsWith('s/'));
    /** 300 resources, which make some pieces. */
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
      expect(queried).toStrictEqual(['l/']);
    });

    it('come in pieces that fit into items, of which a change rewrites one or two', async () => {
      await fill();
      await fold();
      const before = await pieces();
      expect(before.length).toBeGreaterThan(1);
      await commit(putIn('default', 'n-77', { type: 'Dataplane', spec: 'changed' }));
      await fold();
      const after = await pieces();
      const kept = after.filter(({ sort }) => before.some((piece) => piece.sort === sort));
      expect(after.length - kept.length).toBe(1);
      expect(before.length - kept.length).toBe(1);
      const texts = after.map(
        ({ value }) => inflateRawSync(Buffer.from(value)).toString().split('\n').length,
      );
      expect(texts.reduce((sum, lines) => sum + lines, 0)).toBe(301);
    });

    it('hold large resources that do not compress', async () => {
      let state = 1;
      const noise = (length: number) =>
        Array.from({ length }, () => {
          state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
          return String.fromCodePoint(0x21 + (state % 0x5d));
        }).join('');
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
      const snapshot = (await world.partition(dataPartition('default', 1))).find(
        ({ sort }) => sort === 'snapshot',
      );
      const listed: unknown = JSON.parse(String(snapshot?.value));
      const present = (await pieces()).map(({ sort }) => sort.slice(2)).sort();
      expect(listed).toStrictEqual({ revision: 37, pieces: expect.any(Array) });
      expect(present).toStrictEqual(
        typeof listed === 'object' && listed !== null && 'pieces' in listed && Array.isArray(listed.pieces)
          ? [...listed.pieces].sort()
          : [],
      );
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
      expect(left.filter(({ sort }) => !kept.includes(sort))).toHaveLength(1);
      expect((await load()).resources).toHaveLength(301);
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
