import { beforeEach, describe, expect, it } from 'vitest';
import { createPropagation } from '../../../src/store/create-propagation.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import { type Propagation, propagationLifeMs, type RelayProgress } from '../../../src/store/propagation.ts';
import { deleteIn, putIn, putMesh, type World } from '../support/world.ts';

const progress = (told: number, proxies = 2): RelayProgress => ({ told, proxies, behind: [], named: [] });

export function propagationCases(world: World): void {
  describe('how far revisions have got', () => {
    let propagation: Propagation;
    const open = (items: ItemStore = world.items) => createPropagation({ items, clock: () => world.now });
    const write = (relay: string, told: number, by = propagation) =>
      by.write(world.tenant, 'default', relay, progress(told));
    const read = async (by = propagation) => {
      const found = await by.read(world.tenant, 'default');
      return found && Object.fromEntries([...found.relays].map(([relay, { told }]) => [relay, told]));
    };
    beforeEach(async () => {
      propagation = open();
      await world.open().commit(world.tenant, [putMesh('default')]);
    });

    it('is one item a relay, which other processes read', async () => {
      await world.open().commit(world.tenant, [putIn('default', 'dp', { type: 'Dataplane' })]);
      const behind: RelayProgress = {
        told: 2,
        proxies: 3,
        behind: [{ has: 1, proxies: 2, failed: 1 }],
        named: [
          { name: 'dp', has: 1, given: 2, since: world.now, reason: 'refused', typeUrl: 'x', message: 'no' },
        ],
      };
      await write('a', 1);
      await propagation.write(world.tenant, 'default', 'a', behind);
      await write('b', 1);
      expect(await open().read(world.tenant, 'default')).toStrictEqual({
        revision: 2,
        dataplanes: 1,
        relays: new Map([
          ['a', behind],
          ['b', progress(1)],
        ]),
      });
      expect(await world.partition('insights/1/default')).toHaveLength(2);
      expect((await world.open().head(world.tenant, 'default')).revision).toBe(2);
    });

    it('is told to who listens in the process', async () => {
      const heard: string[] = [];
      const stop = propagation.onWrite((_, mesh) => heard.push(mesh));
      await write('a', 1);
      await write('a', 1);
      await propagation.remove(world.tenant, 'default', 'a');
      stop();
      await write('a', 1);
      expect(heard).toStrictEqual(['default', 'default', 'default']);
    });

    it('goes when the relay has no more proxies, and comes again', async () => {
      await write('a', 1);
      await write('b', 1);
      await propagation.remove(world.tenant, 'default', 'a');
      expect(await read()).toStrictEqual({ b: 1 });
      // By a process that has not written it.
      await open().remove(world.tenant, 'default', 'b');
      await open().remove(world.tenant, 'default', 'b');
      expect(await read()).toStrictEqual({});
      await write('a', 2);
      await write('b', 3);
      expect(await read()).toStrictEqual({ a: 2, b: 3 });
    });

    it('is written over by a relay that has forgotten what it wrote', async () => {
      await write('a', 1);
      await write('a', 2, open());
      await write('a', 3);
      expect(await read()).toStrictEqual({ a: 3 });
    });

    it('is gone by itself when nobody writes it again', async () => {
      await write('a', 1);
      world.now += propagationLifeMs - 2_000;
      expect(await read()).toStrictEqual({ a: 1 });
      world.now += 4_000;
      expect(await read()).toStrictEqual({});
      await write('a', 2);
      expect(await read()).toStrictEqual({ a: 2 });
    });

    it('is not there without its mesh', async () => {
      for (const mesh of ['none', '', 'n\0ne', 'x'.repeat(2_000)]) {
        await propagation.write(world.tenant, mesh, 'a', progress(1));
        await propagation.remove(world.tenant, mesh, 'a');
      }
      expect(await propagation.read(world.tenant, 'none')).toBeUndefined();
      expect(await propagation.read(world.tenant, 'n\0ne')).toBeUndefined();
    });

    it('is not written for the first time into a mesh that is being deleted', async () => {
      let deletions = 0;
      const late: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          if (deletions === 0) {
            deletions += 1;
            await world.open().deleteMesh(world.tenant, 'default');
          }
          await world.items.transact(owner, operations);
        },
      };
      await write('a', 1, open(late));
      expect(deletions).toBe(1);
      expect(await world.partition('insights/1/default')).toStrictEqual([]);
    });

    it('is not written over what went with its mesh', async () => {
      await write('a', 1);
      await world.open().deleteMesh(world.tenant, 'default');
      await write('a', 2);
      expect(await world.partition('insights/1/default')).toStrictEqual([]);
      expect(await read()).toBeUndefined();
    });

    it('of a mesh that was deleted is not seen in the one made anew, and goes on there', async () => {
      const resources = world.open();
      await resources.commit(world.tenant, [putIn('default', 'dp', { type: 'Dataplane' })]);
      await write('a', 1);
      await resources.commit(world.tenant, [deleteIn('default', 'dp', { type: 'Dataplane' })]);
      await resources.deleteMesh(world.tenant, 'default');
      expect(await read()).toBeUndefined();
      await resources.commit(world.tenant, [putMesh('default')]);
      expect(await read()).toStrictEqual({});
      await write('a', 6);
      expect(await read()).toStrictEqual({ a: 6 });
    });

    it('costs one plain write, and two reads to look at', async () => {
      await write('a', 1);
      const calls: string[] = [];
      const noting =
        <Args extends readonly unknown[], Result>(name: string, call: (...args: Args) => Result) =>
        (...args: Args) => {
          calls.push(name);
          return call(...args);
        };
      const { get, batchGet, query, transact } = world.items;
      const counted: ItemStore = {
        ...world.items,
        get: noting('get', get),
        batchGet: noting('batchGet', batchGet),
        query: noting('query', query),
        transact: (owner, operations) => noting(`write of ${operations.length}`, transact)(owner, operations),
      };
      const by = open(counted);
      await write('a', 2, by);
      calls.length = 0;
      await write('a', 3, by);
      expect(calls).toStrictEqual(['write of 1']);
      calls.length = 0;
      await read(by);
      expect(calls).toStrictEqual(['batchGet', 'query']);
    });
  });
}
