import { beforeEach, describe, expect, it } from 'vitest';
import { pagesOf } from '../pages.ts';
import type { Item } from '../port.ts';
import { type ContractWorld, item, partition, put, sorts } from './world.ts';

/** What queries find, and in which pages. */
export function queryCases(world: ContractWorld): void {
  describe('queries', () => {
    const names = ['a', 'a/1', 'a/2', 'a/~', 'ab', 'b', 'é', '｡', '🐻', 'B', '~'];
    const byBytes = (first: string, second: string) =>
      Buffer.compare(Buffer.from(first), Buffer.from(second));
    const ordered = [...names].sort(byBytes);
    beforeEach(async () => {
      await world.store.transact(
        world.tenant,
        names.map((sort) => put(sort)),
      );
    });

    it('answer in the order of bytes', async () => {
      const page = await world.store.query(world.tenant, { partition });
      expect(page).toStrictEqual({ items: ordered.map((sort) => item(sort)) });
    });

    const prefixes = ['a', 'a/', 'b', 'é', '🐻', 'x', 'a/2'];
    it.each(prefixes)('take the prefix %s', async (prefix) => {
      expect(sorts(await world.all({ partition, prefix }))).toStrictEqual(
        ordered.filter((sort) => sort.startsWith(prefix)),
      );
    });

    const starts = [
      [undefined, 'a'],
      [undefined, 'aa'],
      [undefined, '🐻'],
      [undefined, '\u0001'],
      ['a/', 'a/1'],
      ['a/', 'a/'],
      ['a/', 'a'],
      ['a/', 'B'],
      ['a/', 'b'],
      ['a/', 'a/~'],
      ['b', 'a'],
      ['b', 'b'],
    ] as const;
    it.each(starts)('with prefix %s start after %s', async (prefix, after) => {
      expect(
        sorts(await world.all({ partition, after, ...(prefix === undefined ? {} : { prefix }) })),
      ).toStrictEqual(ordered.filter((sort) => sort.startsWith(prefix ?? '') && byBytes(sort, after) > 0));
    });

    it.each([1, 2, 3, 10, 11, 12])('come in pages of %i', async (limit) => {
      const sizes: number[] = [];
      const found: Item[] = [];
      for await (const page of pagesOf(world.store, world.tenant, { partition, limit })) {
        sizes.push(page.length);
        found.push(...page);
      }
      expect(sorts(found)).toStrictEqual(ordered);
      expect(Math.max(...sizes)).toBe(Math.min(limit, ordered.length));
    });

    it('refuse a page of nothing', async () => {
      expect(await world.codeOf(world.store.query(world.tenant, { partition, limit: 0 }))).toBe('internal');
    });

    it('get past pages of DynamoDB, which end at 1 MB', async () => {
      const value = 'x'.repeat(300 * 1024);
      await world.store.transact(
        world.tenant,
        Array.from({ length: 9 }, (_, n) => put(`large-${n}`, { value })),
      );
      const found = await world.all({ partition, prefix: 'large-' });
      expect(found.map(({ sort, value: { length } }) => [sort, length])).toStrictEqual(
        Array.from({ length: 9 }, (_, n) => [`large-${n}`, value.length]),
      );
    });
  });
}
