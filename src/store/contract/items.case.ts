import { describe, expect, it } from 'vitest';
import { tenantId } from '../../model/tenant.ts';
import { maxValueBytes, type Operation, systemOwner } from '../port.ts';
import { type ContractWorld, check, item, key, partition, put, remove, sorts } from './world.ts';

/** What becomes of items that are written and read. */
export function itemCases(world: ContractWorld): void {
  describe('items', () => {
    const values: readonly (readonly [string, string | Uint8Array])[] = [
      ['a text', '{"a":1}'],
      ['an empty text', ''],
      ['a text beyond ASCII', 'żółć 🐻 \u0000 \u001f'],
      ['bytes', new Uint8Array([0, 1, 254, 255])],
      ['no bytes', new Uint8Array()],
      ['the largest text', 'é'.repeat(maxValueBytes / 2)],
      ['the most bytes', new Uint8Array(maxValueBytes).fill(7)],
    ];
    it.each(values)('keep %s', async (_, value) => {
      const written = item('a', { value, version: 7, expiresAt: world.inSeconds(60) });
      await world.store.transact(world.tenant, [{ kind: 'put', item: written }]);
      const read = await world.store.get(world.tenant, key('a'));
      expect({ ...read, value: undefined }).toStrictEqual({ ...written, value: undefined });
      expect(typeof read?.value).toBe(typeof value);
      // Compared as one, because comparing byte by byte takes seconds.
      expect(Buffer.compare(Buffer.from(read?.value ?? 'none'), Buffer.from(value))).toBe(0);
    });

    it('are absent before they are written and after they are deleted', async () => {
      expect(await world.store.get(world.tenant, key('a'))).toBeUndefined();
      await world.store.transact(world.tenant, [put('a')]);
      expect(await world.store.get(world.tenant, key('a'))).toStrictEqual(item('a'));
      await world.store.transact(world.tenant, [remove('a')]);
      expect(await world.store.get(world.tenant, key('a'))).toBeUndefined();
      expect(await world.failedOf([remove('a')])).toBe('done');
    });

    it('are replaced whole', async () => {
      await world.store.transact(world.tenant, [put('a', { expiresAt: world.inSeconds(60) })]);
      await world.store.transact(world.tenant, [put('a', { version: 2, value: 'new' })]);
      expect(await world.store.get(world.tenant, key('a'))).toStrictEqual(
        item('a', { version: 2, value: 'new' }),
      );
    });

    it('belong to their owner and partition alone', async () => {
      const other = tenantId(`${world.tenant}-x`);
      await world.store.transact(world.tenant, [put('a')]);
      await world.store.transact(other, [put('b')]);
      await world.store.transact(world.tenant, [
        { kind: 'put', item: { ...item('c'), partition: `${partition}2` } },
      ]);
      await world.store.transact(systemOwner, [
        { kind: 'put', item: { ...item('d'), partition: `${world.tenant}/${partition}` } },
      ]);
      expect(sorts(await world.all({ partition }))).toStrictEqual(['a']);
      expect(await world.store.get(other, key('a'))).toBeUndefined();
      expect(await world.store.get(world.tenant, { partition: `${partition}2`, sort: 'a' })).toBeUndefined();
      expect(await world.store.get(systemOwner, key('d'))).toBeUndefined();
    });

    it('of the system are written and judged along with those of a tenant', async () => {
      const ofSystem = (operation: Operation): Operation => ({ ...operation, owner: systemOwner });
      const sort = `${world.tenant}/both`;
      expect(await world.failedOf([put(sort), ofSystem(put(sort, { value: 'of the system' }))])).toBe('done');
      expect(await world.store.get(world.tenant, key(sort))).toStrictEqual(item(sort));
      expect(await world.store.get(systemOwner, key(sort))).toStrictEqual(
        item(sort, { value: 'of the system' }),
      );
      const lost = [remove(sort), ofSystem(check(sort, { version: 2 })), put('beside')];
      expect(await world.failedOf(lost)).toStrictEqual([1]);
      expect(await world.store.get(world.tenant, key('beside'))).toBeUndefined();
      expect(await world.failedOf([ofSystem(put(sort, { version: 2 }, { version: 1 }))])).toBe('done');
      expect(await world.failedOf([ofSystem(remove(sort))])).toBe('done');
      expect(await world.store.get(systemOwner, key(sort))).toBeUndefined();
      expect(await world.store.get(world.tenant, key(sort))).toStrictEqual(item(sort));
      expect(
        await world.codeOf(world.store.transact(world.tenant, [ofSystem(put(sort)), ofSystem(remove(sort))])),
      ).toBe('internal');
    });

    it('are read in batches, in the order of the keys', async () => {
      const names = Array.from({ length: 130 }, (_, position) => `n-${position}`);
      await world.store.transact(
        world.tenant,
        names.slice(0, 70).map((sort) => put(sort)),
      );
      await world.store.transact(
        world.tenant,
        names.slice(70, 120).map((sort) => put(sort)),
      );
      const asked = [...names, 'n-3'].reverse();
      const found = await world.store.batchGet(world.tenant, asked.map(key));
      const there = new Set(names.slice(0, 120));
      expect(found.map((one) => one?.sort)).toStrictEqual(
        asked.map((sort) => (there.has(sort) ? sort : undefined)),
      );
      expect(await world.store.batchGet(world.tenant, [])).toStrictEqual([]);
    });

    it('of several owners are peeked at together, each under its own', async () => {
      await world.store.transact(world.tenant, [put('a')]);
      await world.store.transact(systemOwner, [
        { kind: 'put', item: { ...item('a'), value: 'of the system' } },
      ]);
      await world.store.transact(world.tenant, [{ kind: 'put', item: { ...item('gone'), expiresAt: 1 } }]);
      const owners = [systemOwner, world.tenant, tenantId('stranger'), world.tenant];
      const found = await world.store.peek(
        owners.map((owner, position) => ({ owner, ...key(position === 3 ? 'gone' : 'a') })),
      );
      expect(found.map((one) => one?.value)).toStrictEqual([
        'of the system',
        item('a').value,
        undefined,
        undefined,
      ]);
      expect(await world.store.peek([])).toStrictEqual([]);
      expect(await world.codeOf(world.store.peek([{ owner: world.tenant, partition: '', sort: 'a' }]))).toBe(
        'internal',
      );
    });

    it('are found by a query that may miss what is new, sooner or later', async () => {
      await world.store.transact(world.tenant, [put('a'), put('b')]);
      const query = { partition, after: 'a', eventual: true } as const;
      await expect
        .poll(async () => (await world.store.query(world.tenant, query)).items)
        .toStrictEqual([item('b')]);
    });
  });
}
