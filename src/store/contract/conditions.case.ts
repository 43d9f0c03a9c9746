import { describe, expect, it } from 'vitest';
import type { Condition, Operation } from '../port.ts';
import { type ContractWorld, check, item, key, partition, put, remove } from './world.ts';

/** Conditions of transactions. */
export function conditionCases(world: ContractWorld): void {
  describe('conditions', () => {
    const states = {
      nothing: [],
      'version 1': [put('a', { version: 1 })],
      'version 2': [put('a', { version: 2 })],
      expired: [put('a', { version: 1, expiresAt: Math.floor(Date.now() / 1000) + 5 })],
      'not yet expired': [put('a', { version: 1, expiresAt: Math.floor(Date.now() / 1000) + 5000 })],
    } satisfies Record<string, readonly Operation[]>;
    const conditions = {
      absent: { absent: true },
      present: { present: true },
      'version 1': { version: 1 },
    } as const satisfies Record<string, Condition>;
    const holding: readonly (readonly [keyof typeof states, keyof typeof conditions, boolean])[] = [
      ['nothing', 'absent', true],
      ['nothing', 'present', false],
      ['nothing', 'version 1', false],
      ['version 1', 'absent', false],
      ['version 1', 'present', true],
      ['version 1', 'version 1', true],
      ['version 2', 'absent', false],
      ['version 2', 'present', true],
      ['version 2', 'version 1', false],
      ['expired', 'absent', true],
      ['expired', 'present', false],
      ['expired', 'version 1', false],
      ['not yet expired', 'absent', false],
      ['not yet expired', 'present', true],
      ['not yet expired', 'version 1', true],
    ];
    const kinds = {
      put: (condition: Condition) => put('a', { value: 'new', version: 9 }, condition),
      delete: (condition: Condition) => remove('a', condition),
      check: (condition: Condition) => check('a', condition),
    };
    const cases = holding.flatMap(([state, condition, holds]) =>
      (['put', 'delete', 'check'] as const).map((kind) => ({ state, condition, holds, kind })),
    );
    it.each(cases)('$kind when $condition over $state: $holds', async ({ state, condition, holds, kind }) => {
      const prepare: readonly Operation[] = states[state];
      if (prepare.length > 0) {
        await world.store.transact(world.tenant, prepare);
        world.now += 60_000;
      }
      const before = await world.store.get(world.tenant, key('a'));
      const operation = kinds[kind](conditions[condition]);
      const after = { put: item('a', { value: 'new', version: 9 }), delete: undefined, check: before };
      const expected = holds ? after[kind] : before;

      expect(await world.failedOf([put('b'), operation])).toStrictEqual(holds ? 'done' : [1]);
      expect(await world.store.get(world.tenant, key('a'))).toStrictEqual(expected);
      expect((await world.store.get(world.tenant, key('b'))) === undefined).toBe(!holds);

      if (prepare.length > 0) {
        await world.store.transact(world.tenant, [
          ...prepare.map((one) => (one.kind === 'put' ? { ...one, item: { ...one.item } } : one)),
        ]);
      } else {
        await world.store.transact(world.tenant, [remove('a')]);
      }
      expect(await world.failedOf([operation])).toStrictEqual(holds ? 'done' : [0]);
      expect(await world.store.get(world.tenant, key('a'))).toStrictEqual(expected);
    });

    it('are all told of, and nothing is written when one does not hold', async () => {
      await world.store.transact(world.tenant, [put('a'), put('b', { version: 3 }), put('c')]);
      const failed = await world.failedOf([
        put('a', { value: 'new' }, { version: 1 }),
        put('b', { value: 'new' }, { version: 2 }),
        remove('c'),
        check('d', { present: true }),
        put('e'),
      ]);
      expect(failed).toStrictEqual([1, 3]);
      expect(await world.all({ partition })).toStrictEqual([item('a'), item('b', { version: 3 }), item('c')]);
    });
  });
}
