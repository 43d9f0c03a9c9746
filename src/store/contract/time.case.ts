import { describe, expect, it } from 'vitest';
import type { Condition } from '../port.ts';
import { type ContractWorld, item, key, partition, put, sorts } from './world.ts';

/** Items that expire, and writers at the same time. */
export function expiryCases(world: ContractWorld): void {
  describe('expiry', () => {
    it('hides an item from its second on', async () => {
      const end = world.inSeconds(10);
      await world.store.transact(world.tenant, [put('a', { expiresAt: end }), put('b')]);
      world.now = end * 1000 - 1;
      expect(sorts(await world.all({ partition }))).toStrictEqual(['a', 'b']);
      expect(await world.store.get(world.tenant, key('a'))).toBeDefined();
      world.now = end * 1000;
      expect(await world.store.get(world.tenant, key('a'))).toBeUndefined();
      expect(await world.store.batchGet(world.tenant, [key('a'), key('b')])).toStrictEqual([
        undefined,
        item('b'),
      ]);
      expect(sorts(await world.all({ partition }))).toStrictEqual(['b']);
      expect(sorts(await world.all({ partition, limit: 1 }))).toStrictEqual(['b']);
    });

    it('is taken back by a later write', async () => {
      await world.store.transact(world.tenant, [put('a', { expiresAt: world.inSeconds(10) })]);
      await world.store.transact(world.tenant, [put('a', { version: 2 })]);
      world.now += 3_600_000;
      await world.store.transact(world.tenant, [put('b')]);
      expect(await world.store.get(world.tenant, key('a'))).toStrictEqual(item('a', { version: 2 }));
    });
  });

  describe('writers at once', () => {
    const readVersion = async (sort: string) =>
      (await world.store.get(world.tenant, key(sort)))?.version ?? 0;

    it('lose no update', async () => {
      let met = 0;
      const step = async () => {
        const version = await readVersion('counter');
        const condition: Condition = version === 0 ? { absent: true } : { version };
        const next = { version: version + 1 };
        const result = await world.failedOf([
          put('counter', next, condition),
          put('shadow', next, condition),
        ]);
        met += result === 'done' ? 0 : 1;
        return result === 'done' ? 1 : 0;
      };
      const writer = async () => {
        for (let done = 0; done < 10; ) {
          done += await step();
        }
      };
      await Promise.all(Array.from({ length: 6 }, writer));
      expect([await readVersion('counter'), await readVersion('shadow')]).toStrictEqual([60, 60]);
      expect(met).toBeGreaterThan(0);
    });

    it('let one of many win', async () => {
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, n) => world.failedOf([put('a', { value: `${n}` }, { absent: true })])),
      );
      expect(results.filter((result) => result === 'done')).toHaveLength(1);
      const winner = results.indexOf('done');
      expect((await world.store.get(world.tenant, key('a')))?.value).toBe(String(winner));
    });

    it('read what they wrote', async () => {
      await Promise.all(
        Array.from({ length: 50 }, async (_, n) => {
          await world.store.transact(world.tenant, [put(`n-${n}`), put(`m-${n}`)]);
          expect(await world.store.get(world.tenant, key(`n-${n}`))).toBeDefined();
          const page = await world.store.query(world.tenant, { partition, prefix: `m-${n}` });
          expect(sorts(page.items)).toContain(`m-${n}`);
        }),
      );
    });
  });
}
