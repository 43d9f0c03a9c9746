import { beforeEach, describe, expect, it } from 'vitest';
import { createInsights } from '../../../src/store/create-insights.ts';
import type { Insight, Insights, Subscription } from '../../../src/store/insights.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import { deleteIn, putIn, putMesh, type World } from '../support/world.ts';

const subscription = (id: string): Subscription => ({
  id,
  controlPlaneInstanceId: 'relay',
  connectTime: '2026-11-20T12:00:00Z',
  stats: {},
});

/** A change that adds a subscription. */
const connect = (id: string) => (current: Insight | undefined) => ({
  ...current,
  subscriptions: [...(current?.subscriptions ?? []), subscription(id)],
});

export function insightCases(world: World): void {
  describe('insights', () => {
    let insights: Insights;
    const open = (items: ItemStore = world.items) => createInsights({ items, clock: () => world.now });
    const get = (name = 'dp') => insights.get(world.tenant, 'default', name);
    const update = (change: Parameters<Insights['update']>[3], name = 'dp', by = insights) =>
      by.update(world.tenant, 'default', name, change);
    beforeEach(async () => {
      insights = open();
      await world.open().commit(world.tenant, [putMesh('default')]);
    });

    it('are made, changed and deleted, and move no revision', async () => {
      expect(await get()).toBeUndefined();
      await update(connect('1'));
      const time = new Date(world.now).toISOString();
      const first = {
        mesh: 'default',
        name: 'dp',
        subscriptions: [subscription('1')],
        creationTime: time,
        modificationTime: time,
        version: 1,
      };
      expect(await get()).toStrictEqual(first);
      world.now += 1_000;
      await update((current) => ({ ...connect('2')(current), metadata: { a: 1 } }));
      expect(await get()).toStrictEqual({
        ...first,
        subscriptions: [subscription('1'), subscription('2')],
        metadata: { a: 1 },
        modificationTime: new Date(world.now).toISOString(),
        version: 2,
      });
      expect(await open().get(world.tenant, 'default', 'dp')).toStrictEqual(await get());
      await insights.delete(world.tenant, 'default', 'dp');
      await insights.delete(world.tenant, 'default', 'dp');
      expect(await get()).toBeUndefined();
      expect((await world.open().head(world.tenant, 'default')).revision).toBe(1);
    });

    it('stay as they are where there is nothing to change', async () => {
      await update(() => undefined);
      expect(await get()).toBeUndefined();
      await update(connect('1'));
      await update(() => undefined);
      expect((await get())?.version).toBe(1);
    });

    it('keep the last ten subscriptions', async () => {
      for (let n = 0; n < 13; n += 1) {
        await update(connect(`${n}`));
      }
      expect((await get())?.subscriptions.map(({ id }) => id)).toStrictEqual(
        Array.from({ length: 10 }, (_, n) => `${n + 3}`),
      );
    });

    it('lose no change of writers at once', async () => {
      const writers = [insights, open(), open()];
      await Promise.all(
        writers.flatMap((by, n) => [0, 1, 2].map((m) => update(connect(`${n}-${m}`), 'dp', by))),
      );
      const insight = await get();
      expect(insight?.version).toBe(9);
      expect(insight?.subscriptions.map(({ id }) => id).sort()).toStrictEqual(
        [0, 1, 2].flatMap((n) => [0, 1, 2].map((m) => `${n}-${m}`)),
      );
    });

    it('are listed by mesh, in the order of names', async () => {
      await world.open().commit(world.tenant, [putMesh('other')]);
      await insights.update(world.tenant, 'other', 'x', connect('1'));
      for (const name of ['b', 'a', 'c']) {
        await update(connect('1'), name);
      }
      expect((await insights.list(world.tenant, 'default')).map(({ name }) => name)).toStrictEqual([
        'a',
        'b',
        'c',
      ]);
      expect(await insights.list(world.tenant, 'none')).toStrictEqual([]);
    });

    it('are not made in a mesh that is not there, or is being deleted', async () => {
      await insights.update(world.tenant, 'none', 'dp', connect('1'));
      expect(await insights.list(world.tenant, 'none')).toStrictEqual([]);
      const resources = world.open();
      let deletions = 0;
      const late: ItemStore = {
        ...world.items,
        async transact(owner, operations) {
          if (deletions === 0) {
            deletions += 1;
            await resources.deleteMesh(world.tenant, 'default');
          }
          await world.items.transact(owner, operations);
        },
      };
      await update(connect('1'), 'dp', open(late));
      expect(await world.partition('insights/1/default')).toStrictEqual([]);
      expect(deletions).toBe(1);
    });

    it('of a mesh that was deleted are not seen in the one made anew', async () => {
      const resources = world.open();
      await resources.commit(world.tenant, [putIn('default', 'dp', { type: 'Dataplane' })]);
      await update(connect('1'));
      await resources.commit(world.tenant, [deleteIn('default', 'dp', { type: 'Dataplane' })]);
      await resources.deleteMesh(world.tenant, 'default');
      expect(await get()).toBeUndefined();
      await resources.commit(world.tenant, [putMesh('default')]);
      expect(await get()).toBeUndefined();
      await update(connect('2'));
      expect((await get())?.subscriptions.map(({ id }) => id)).toStrictEqual(['2']);
      expect((await get())?.version).toBe(1);
    });
  });
}
