import { beforeEach, describe, expect, it } from 'vitest';
import type { Change, ResourceStore } from '../../../src/store/resource-store.ts';
import { noted } from '../../support/noted-items.ts';
import { deleteIn, putIn, putMesh, type World } from '../support/world.ts';
import { resultOf } from './commits.case.ts';

const key = { type: 'MeshTimeout', mesh: 'default', name: 'a' };

/** Commits that are given what their caller has read. */
export function sightingCases(world: World): void {
  describe('what a writer has seen', () => {
    let store: ResourceStore;
    let other: ResourceStore;
    let calls: string[];
    const commit = (...changes: Change[]) => other.commit(world.tenant, changes);
    const names = async () =>
      (await other.load(world.tenant, 'default')).resources.map(({ name, version }) => `${name} ${version}`);
    beforeEach(async () => {
      calls = [];
      other = world.open();
      await commit(putMesh('default'));
      store = world.open({ items: noted(world.items, (call) => void calls.push(call)) });
    });

    it.each(['there', 'not there'])('is not read again, be it %s', async (what) => {
      if (what === 'there') {
        await commit(putIn('default', 'a'));
      }
      const seen = await store.look(world.tenant, key);
      const expected = seen.resource === undefined ? { absent: true as const } : { version: 1 };
      await store.commit(world.tenant, [putIn('default', 'a', { expect: expected })], undefined, seen);
      expect(calls).toEqual(['batchGet tenant head/default data/1/default', 'transact tenant 3']);
      expect(await names()).toContain(what === 'there' ? 'a 2' : 'a 1');
    });

    it('is read again where the mesh has moved on, and nothing is lost', async () => {
      const seen = await store.look(world.tenant, key);
      await commit(putIn('default', 'b'));
      const { revisions } = await store.commit(world.tenant, [putIn('default', 'a')], undefined, seen);
      expect(revisions).toEqual(new Map([['default', 3]]));
      expect((await names()).toSorted()).toEqual(['a 1', 'b 1', 'default 1']);
      const log = await store.logAfter(world.tenant, 'default', 1);
      expect(log).toMatchObject({ entries: [{ revision: 2 }, { revision: 3 }] });
    });

    it('is not tried where this process has moved the mesh itself', async () => {
      const seen = await store.look(world.tenant, key);
      await store.commit(world.tenant, [putIn('default', 'b')]);
      calls = [];
      await store.commit(world.tenant, [putIn('default', 'a')], undefined, seen);
      expect(calls.filter((call) => call.startsWith('transact'))).toHaveLength(1);
      expect(calls).toHaveLength(2);
    });

    it('never decides that a write is refused', async () => {
      const before = await store.look(world.tenant, key);
      await commit(putIn('default', 'a'));
      const change = putIn('default', 'a', { expect: { version: 1 } });
      expect(await resultOf(store.commit(world.tenant, [change], undefined, before))).toBe('done');
      const there = await store.look(world.tenant, key);
      await commit(deleteIn('default', 'a'));
      const anew = putIn('default', 'a', { expect: { absent: true } });
      expect(await resultOf(store.commit(world.tenant, [anew], undefined, there))).toBe('done');
    });

    it.each([
      ['made', [], putIn('default', 'a', { expect: { absent: true } }), [putIn('default', 'a')]],
      [
        'changed',
        [putIn('default', 'a')],
        putIn('default', 'a', { expect: { version: 1 } }),
        [putIn('default', 'a')],
      ],
      [
        'deleted',
        [putIn('default', 'a')],
        deleteIn('default', 'a', { expect: { version: 1 } }),
        [putIn('default', 'a')],
      ],
    ])('does not hide that somebody else has %s it meanwhile', async (_, there, change, meanwhile) => {
      for (const each of there) {
        await commit(each);
      }
      const seen = await store.look(world.tenant, key);
      await commit(...meanwhile);
      const before = await names();
      expect(await resultOf(store.commit(world.tenant, [change], undefined, seen))).toMatch(/^conflict/);
      expect(await names()).toEqual(before);
    });

    it('is worth nothing for another resource, and for a mesh that is made anew', async () => {
      await commit(putIn('default', 'b'));
      const seen = await store.look(world.tenant, key);
      const [written] = (await store.commit(world.tenant, [putIn('default', 'b')], undefined, seen))
        .resources;
      expect(written?.version).toBe(2);
      const last = await store.look(world.tenant, key);
      await other.deleteMesh(world.tenant, 'default');
      const lost = store.commit(world.tenant, [putIn('default', 'a')], undefined, last);
      expect(await resultOf(lost)).toMatch(/^not_found/);
      await commit(putMesh('default'));
      await store.commit(world.tenant, [putIn('default', 'a')], undefined, last);
      expect((await names()).toSorted()).toEqual(['a 1', 'default 1']);
    });

    it('is seen of a mesh, too, and of what cannot be stored nothing is', async () => {
      const mesh = { type: 'Mesh', mesh: '', name: 'default' };
      const seen = await store.look(world.tenant, mesh);
      calls = [];
      await store.commit(world.tenant, [putMesh('default', { a: 1 })], undefined, seen);
      expect(calls).toEqual([expect.stringMatching(/^transact/)]);
      expect((await store.get(world.tenant, mesh))?.spec).toEqual({ a: 1 });
      expect((await store.look(world.tenant, { ...key, name: '' })).resource).toBeUndefined();
    });
  });
}
