import { describe, expect, it } from 'vitest';
import { createDueFolds } from '../../../src/store/create-due-folds.ts';
import type { DueFold } from '../../../src/store/due-folds.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import { createSnapshotWorld } from '../support/snapshots.ts';
import { printed, putIn, putMesh, type World } from '../support/world.ts';

/** When a snapshot is due. */
export function dueFoldCases(world: World): void {
  describe('snapshots', () => {
    const snapshots = createSnapshotWorld(world);
    const { commit, fold, load, printedItems, fill } = snapshots;

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
        expect(await snapshots.store.head(world.tenant, 'default')).toMatchObject({
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
        await snapshots.store.deleteMesh(world.tenant, 'default');
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
  });
}
