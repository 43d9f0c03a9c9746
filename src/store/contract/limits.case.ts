import { describe, expect, it } from 'vitest';
import { tenantId } from '../../model/tenant.ts';
import {
  type ItemKey,
  maxOperations,
  maxPartitionBytes,
  maxSortBytes,
  maxValueBytes,
  type Operation,
} from '../port.ts';
import { type ContractWorld, item, partition, put, remove } from './world.ts';

/** Keys and sizes that an engine takes, and those that it refuses. */
export function limitCases(world: ContractWorld): void {
  describe('keys and sizes', () => {
    const refused: readonly (readonly [string, ItemKey])[] = [
      ['an empty partition', { partition: '', sort: 'a' }],
      ['an empty sort', { partition, sort: '' }],
      ['a partition that is too long', { partition: 'p'.repeat(maxPartitionBytes + 1), sort: 'a' }],
      ['a sort that is too long in bytes', { partition, sort: 'é'.repeat(maxSortBytes / 2 + 1) }],
      ['a NUL', { partition, sort: 'a\0b' }],
    ];
    it.each(refused)('%s is refused', async (_, bad) => {
      expect(await world.codeOf(world.store.get(world.tenant, bad))).toBe('internal');
      expect(await world.codeOf(world.store.batchGet(world.tenant, [bad]))).toBe('internal');
      expect(
        await world.codeOf(
          world.store.transact(world.tenant, [{ kind: 'put', item: { ...item('a'), ...bad } }]),
        ),
      ).toBe('internal');
    });

    it('the longest keys are taken', async () => {
      const longest = { partition: 'p'.repeat(maxPartitionBytes), sort: 'é'.repeat(maxSortBytes / 2) };
      const written = { ...item('a'), ...longest, expiresAt: world.inSeconds(60) };
      const owner = tenantId(`${world.tenant}-${'x'.repeat(62 - world.tenant.length)}`);
      await world.store.transact(owner, [{ kind: 'put', item: written }]);
      expect(await world.store.get(owner, longest)).toStrictEqual(written);
      expect((await world.store.query(owner, { partition: longest.partition })).items).toStrictEqual([
        written,
      ]);
    });

    const transactions: readonly (readonly [string, string, readonly Operation[]])[] = [
      ['no operation', 'internal', []],
      [
        'more operations than the limit',
        'internal',
        Array.from({ length: maxOperations + 1 }, (_, n) => put(`n-${n}`)),
      ],
      ['two operations on one item', 'internal', [put('a'), remove('a')]],
      [
        'a value that is too large',
        'payload_too_large',
        [put('a', { value: 'x'.repeat(maxValueBytes + 1) })],
      ],
      [
        'values that are too large together',
        'payload_too_large',
        Array.from({ length: 12 }, (_, n) => put(`n-${n}`, { value: 'x'.repeat(maxValueBytes) })),
      ],
      ['a version that is no whole number', 'internal', [put('a', { version: 1.5 })]],
      ['an end at no time', 'internal', [put('a', { expiresAt: 0 })]],
    ];
    it.each(transactions)('%s is refused', async (_, code, operations) => {
      expect(await world.codeOf(world.store.transact(world.tenant, operations))).toBe(code);
      expect(await world.all({ partition })).toStrictEqual([]);
    });

    it('the largest transactions are taken', async () => {
      await world.store.transact(
        world.tenant,
        Array.from({ length: maxOperations }, (_, n) => put(`n-${n}`)),
      );
      expect(await world.all({ partition })).toHaveLength(maxOperations);
      await world.store.transact(
        world.tenant,
        Array.from({ length: 10 }, (_, n) => put(`l-${n}`, { value: 'x'.repeat(maxValueBytes) })),
      );
      await world.store.transact(
        world.tenant,
        Array.from({ length: 7 }, (_, n) => put(`l-${n + 10}`, { value: new Uint8Array(maxValueBytes) })),
      );
      expect(await world.all({ partition, prefix: 'l-' })).toHaveLength(17);
    });
  });
}
