import { beforeEach, describe, expect, it } from 'vitest';
import { eventSchema } from '../../../src/events/event.ts';
import type { Author } from '../../../src/model/author.ts';
import { openTrail, type TrailWorld } from '../support/trail.ts';
import { deleteIn, putIn, putMesh, type World } from '../support/world.ts';
import { resultOf } from './commits.case.ts';

const alice: Author = { user: 'alice', groups: [], requestId: 'r-1', source: 'api' };

export function outboxCases(world: World): void {
  describe('the outbox', () => {
    let trail: TrailWorld;
    beforeEach(async () => {
      trail = openTrail(world);
      await trail.store.commit(world.tenant, [putMesh('default')]);
    });

    it('is empty once what happened is published, in order and with the ids of the records', async () => {
      await trail.store.commit(world.tenant, [putIn('default', 'a')], alice);
      await trail.store.commit(world.tenant, [putIn('default', 'a', { spec: 2 })], alice);
      await trail.store.commit(world.tenant, [deleteIn('default', 'a')], alice);
      await trail.store.deleteMesh(world.tenant, 'default', alice);
      await trail.publisher.idle();
      expect(trail.events.map(({ type, subject, revision }) => [type, subject, revision])).toStrictEqual([
        ['ResourceCreated', 'Mesh/default', 1],
        ['ResourceCreated', 'MeshTimeout/default/a', 2],
        ['ResourceUpdated', 'MeshTimeout/default/a', 3],
        ['ResourceDeleted', 'MeshTimeout/default/a', 4],
        ['ResourceDeleted', 'Mesh/default', 2],
      ]);
      const records = await trail.records();
      expect(trail.events.map(({ id }) => id)).toStrictEqual(records.map(({ id }) => id).reverse());
      expect(await trail.left()).toBe(0);
      for (const event of trail.events) {
        expect(eventSchema.parse(event)).toStrictEqual(event);
      }
    });

    it('has nothing of what was refused', async () => {
      const seen = trail.events.length;
      expect(await resultOf(trail.store.commit(world.tenant, [deleteIn('default', 'a')]))).toContain(
        'not_found',
      );
      expect(trail.events).toHaveLength(seen);
      expect(await trail.left()).toBe(0);
    });

    it('gives what a process left behind to the next one, the same events as it would have had', async () => {
      const dying = openTrail(world, { publish: async () => {} });
      await dying.store.commit(world.tenant, [putIn('default', 'a'), putIn('default', 'b')], alice);
      await dying.store.commit(world.tenant, [putIn('default', 'c')], alice);
      expect(await trail.left()).toBe(2);
      const seen = trail.events.length;
      await trail.publisher.sweep(1000);
      expect(trail.events).toHaveLength(seen);
      world.now += 2000;
      await trail.publisher.sweep(1000);
      const found = trail.events.slice(seen).sort((a, b) => (a.subject < b.subject ? -1 : 1));
      expect(found.map(({ subject, revision }) => [subject, revision])).toStrictEqual([
        ['MeshTimeout/default/a', 2],
        ['MeshTimeout/default/b', 2],
        ['MeshTimeout/default/c', 3],
      ]);
      const records = await trail.records({ user: 'alice' });
      expect(new Set(found.map(({ id }) => id))).toStrictEqual(new Set(records.map(({ id }) => id)));
      expect(found[0]?.data.author).toStrictEqual({ user: 'alice', source: 'api', requestId: 'r-1' });
      expect(await trail.left()).toBe(0);
      await trail.publisher.sweep(0);
      expect(trail.events).toHaveLength(seen + 3);
    });

    it('forgets an entry whose records are gone', async () => {
      const dying = openTrail(world, { publish: async () => {}, retentionDays: () => 1 });
      await dying.store.commit(world.tenant, [putIn('default', 'a')]);
      world.now += 2 * 86_400_000;
      const seen = trail.events.length;
      await trail.publisher.sweep(0);
      expect(trail.events).toHaveLength(seen);
      expect(await trail.left()).toBe(0);
    });
  });
}
