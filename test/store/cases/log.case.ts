import { beforeEach, describe, expect, it } from 'vitest';
import type { ResourceStore } from '../../../src/store/resource-store.ts';
import { deleteIn, printed, putIn, putMesh, type World } from '../support/world.ts';

export function logCases(world: World): void {
  describe('the log', () => {
    let store: ResourceStore;
    const logAfter = (revision: number) => store.logAfter(world.tenant, 'default', revision);
    beforeEach(async () => {
      store = world.open({ logSeconds: 3600 });
      await store.commit(world.tenant, [putMesh('default')]);
    });

    it('has every commit after a revision, in order', async () => {
      await store.commit(world.tenant, [putIn('default', 'a'), putIn('default', 'b')]);
      world.now += 1000;
      await store.commit(world.tenant, [deleteIn('default', 'a')]);
      const a = { type: 'MeshTimeout', mesh: 'default', name: 'a' };
      expect(await logAfter(2)).toStrictEqual({
        kind: 'entries',
        entries: [{ revision: 3, time: world.now, changes: [{ kind: 'delete', key: a }] }],
      });
      const all = await logAfter(0);
      expect(all.kind === 'entries' && all.entries.map(({ revision }) => revision)).toStrictEqual([1, 2, 3]);
      expect(await logAfter(3)).toStrictEqual({ kind: 'entries', entries: [] });
    });

    it('is read in parts, each of which follows the one before', async () => {
      for (const name of ['a', 'b', 'c', 'd']) {
        await store.commit(world.tenant, [putIn('default', name)]);
      }
      const revisions = async (revision: number, limit: number) => {
        const answer = await store.logAfter(world.tenant, 'default', revision, limit);
        return answer.kind === 'entries' ? answer.entries.map((entry) => entry.revision) : answer.kind;
      };
      expect(await revisions(0, 2)).toStrictEqual([1, 2]);
      expect(await revisions(2, 2)).toStrictEqual([3, 4]);
      expect(await revisions(4, 2)).toStrictEqual([5]);
      expect(await revisions(0, 5)).toStrictEqual([1, 2, 3, 4, 5]);
      world.now += 4_000_000;
      await store.commit(world.tenant, [putIn('default', 'e')]);
      expect(await revisions(0, 2)).toBe('expired');
      expect(await revisions(5, 2)).toStrictEqual([6]);
    });

    it('is of one scope alone', async () => {
      await store.commit(world.tenant, [putMesh('other'), putIn('other', 'x')]);
      expect(await logAfter(1)).toStrictEqual({ kind: 'entries', entries: [] });
    });

    it('of what was never written is empty', async () => {
      expect(await store.logAfter(world.tenant, 'none', 0)).toStrictEqual({ kind: 'entries', entries: [] });
    });

    it('tells a reader from the future to load', async () => {
      expect(await logAfter(9)).toStrictEqual({ kind: 'expired' });
    });

    it('expires, and tells so, but never lacks one in between', async () => {
      await store.commit(world.tenant, [putIn('default', 'a')]);
      world.now += 3_000_000;
      await store.commit(world.tenant, [putIn('default', 'b')]);
      const before = await store.load(world.tenant, 'default');
      world.now += 1_000_000;
      expect(await logAfter(0)).toStrictEqual({ kind: 'expired' });
      expect(await logAfter(1)).toStrictEqual({ kind: 'expired' });
      expect((await logAfter(2)).kind).toBe('entries');
      const after = await world.open().load(world.tenant, 'default');
      expect(printed(after.resources)).toStrictEqual(printed(before.resources));
      expect(after.revision).toBe(3);
    });

    it('may expire before anything was folded into a snapshot that is older', async () => {
      await store.commit(world.tenant, [putIn('default', 'a')]);
      await store.fold(world.tenant, 'default');
      await store.commit(world.tenant, [putIn('default', 'b')]);
      await store.commit(world.tenant, [deleteIn('default', 'a')]);
      world.now += 3_700_000;
      await store.commit(world.tenant, [putIn('default', 'c')]);
      const { resources, revision } = await store.load(world.tenant, 'default');
      expect(resources.map(({ name }) => name).sort()).toStrictEqual(['b', 'c', 'default']);
      expect(revision).toBe(5);
    });

    it('goes on over many pages', async () => {
      for (let round = 0; round < 60; round += 1) {
        await store.commit(world.tenant, [
          putIn('default', `n-${round % 7}`, { spec: { text: 'x'.repeat(40_000) } }),
        ]);
      }
      const answer = await logAfter(1);
      expect(answer.kind === 'entries' && answer.entries.map(({ revision }) => revision)).toStrictEqual(
        Array.from({ length: 60 }, (_, position) => position + 2),
      );
    });
  });
}
