import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isKumulusError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import { type TenantId, tenantId } from '../model/tenant.ts';
import { pagesOf } from './pages.ts';
import {
  type Condition,
  ConditionFailedError,
  type Item,
  type ItemKey,
  type ItemStore,
  maxOperations,
  maxPartitionBytes,
  maxSortBytes,
  maxValueBytes,
  type Operation,
  systemOwner,
} from './port.ts';

/** An engine under test. */
export interface Engine {
  readonly store: ItemStore;
  stop(): Promise<void>;
}

/** What the engine is to take the time from; the suite moves it. */
let now = Date.now();
const clock: Clock = () => now;
const inSeconds = (seconds: number) => Math.floor(now / 1000) + seconds;

const partition = 'numbers';
const key = (sort: string): ItemKey => ({ partition, sort });
const item = (sort: string, rest: Partial<Item> = {}): Item => ({
  partition,
  sort,
  version: 1,
  value: `value of ${sort}`,
  ...rest,
});
const put = (sort: string, rest: Partial<Item> = {}, condition?: Condition): Operation => ({
  kind: 'put',
  item: item(sort, rest),
  ...(condition === undefined ? {} : { condition }),
});
const remove = (sort: string, condition?: Condition): Operation => ({
  kind: 'delete',
  key: key(sort),
  ...(condition === undefined ? {} : { condition }),
});
const check = (sort: string, condition: Condition): Operation => ({
  kind: 'check',
  key: key(sort),
  condition,
});
const sorts = (items: readonly Item[]) => items.map(({ sort }) => sort);

/** Everything that an engine of the port must do, run on each of them. */
export function storeContract(name: string, start: (clock: Clock) => Promise<Engine>): void {
  describe(`the store on ${name}`, () => {
    let engine: Engine;
    let store: ItemStore;
    /** A tenant of its own for every test, because the table is shared. */
    let tenant: TenantId;
    let count = 0;
    const run = Math.random().toString(36).slice(2, 10);
    beforeAll(async () => {
      engine = await start(clock);
      store = engine.store;
    });
    afterAll(() => engine.stop());
    beforeEach(() => {
      now = Date.now();
      count += 1;
      tenant = tenantId(`t-${run}-${count}`);
    });

    const failedOf = async (operations: readonly Operation[]) => {
      try {
        await store.transact(tenant, operations);
        return 'done';
      } catch (error) {
        if (error instanceof ConditionFailedError) {
          return error.failed;
        }
        throw error;
      }
    };
    const codeOf = async (work: Promise<unknown>) => {
      try {
        await work;
        return 'done';
      } catch (error) {
        return isKumulusError(error) ? error.code : String(error);
      }
    };
    const all = async (query: Parameters<ItemStore['query']>[1]) => {
      const found: Item[] = [];
      for await (const page of pagesOf(store, tenant, query)) {
        found.push(...page);
      }
      return found;
    };

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
        const written = item('a', { value, version: 7, expiresAt: inSeconds(60) });
        await store.transact(tenant, [{ kind: 'put', item: written }]);
        const read = await store.get(tenant, key('a'));
        expect({ ...read, value: undefined }).toStrictEqual({ ...written, value: undefined });
        expect(typeof read?.value).toBe(typeof value);
        // Compared as one, because comparing byte by byte takes seconds.
        expect(Buffer.compare(Buffer.from(read?.value ?? 'none'), Buffer.from(value))).toBe(0);
      });

      it('are absent before they are written and after they are deleted', async () => {
        expect(await store.get(tenant, key('a'))).toBeUndefined();
        await store.transact(tenant, [put('a')]);
        expect(await store.get(tenant, key('a'))).toStrictEqual(item('a'));
        await store.transact(tenant, [remove('a')]);
        expect(await store.get(tenant, key('a'))).toBeUndefined();
        expect(await failedOf([remove('a')])).toBe('done');
      });

      it('are replaced whole', async () => {
        await store.transact(tenant, [put('a', { expiresAt: inSeconds(60) })]);
        await store.transact(tenant, [put('a', { version: 2, value: 'new' })]);
        expect(await store.get(tenant, key('a'))).toStrictEqual(item('a', { version: 2, value: 'new' }));
      });

      it('belong to their owner and partition alone', async () => {
        const other = tenantId(`${tenant}-x`);
        await store.transact(tenant, [put('a')]);
        await store.transact(other, [put('b')]);
        await store.transact(tenant, [{ kind: 'put', item: { ...item('c'), partition: `${partition}2` } }]);
        await store.transact(systemOwner, [
          { kind: 'put', item: { ...item('d'), partition: `${tenant}/${partition}` } },
        ]);
        expect(sorts(await all({ partition }))).toStrictEqual(['a']);
        expect(await store.get(other, key('a'))).toBeUndefined();
        expect(await store.get(tenant, { partition: `${partition}2`, sort: 'a' })).toBeUndefined();
        expect(await store.get(systemOwner, key('d'))).toBeUndefined();
      });

      it('of the system are written and judged along with those of a tenant', async () => {
        const ofSystem = (operation: Operation): Operation => ({ ...operation, owner: systemOwner });
        const sort = `${tenant}/both`;
        expect(await failedOf([put(sort), ofSystem(put(sort, { value: 'of the system' }))])).toBe('done');
        expect(await store.get(tenant, key(sort))).toStrictEqual(item(sort));
        expect(await store.get(systemOwner, key(sort))).toStrictEqual(item(sort, { value: 'of the system' }));
        const lost = [remove(sort), ofSystem(check(sort, { version: 2 })), put('beside')];
        expect(await failedOf(lost)).toStrictEqual([1]);
        expect(await store.get(tenant, key('beside'))).toBeUndefined();
        expect(await failedOf([ofSystem(put(sort, { version: 2 }, { version: 1 }))])).toBe('done');
        expect(await failedOf([ofSystem(remove(sort))])).toBe('done');
        expect(await store.get(systemOwner, key(sort))).toBeUndefined();
        expect(await store.get(tenant, key(sort))).toStrictEqual(item(sort));
        expect(await codeOf(store.transact(tenant, [ofSystem(put(sort)), ofSystem(remove(sort))]))).toBe(
          'internal',
        );
      });

      it('are read in batches, in the order of the keys', async () => {
        const names = Array.from({ length: 130 }, (_, position) => `n-${position}`);
        await store.transact(
          tenant,
          names.slice(0, 70).map((sort) => put(sort)),
        );
        await store.transact(
          tenant,
          names.slice(70, 120).map((sort) => put(sort)),
        );
        const asked = [...names, 'n-3'].reverse();
        const found = await store.batchGet(tenant, asked.map(key));
        const there = new Set(names.slice(0, 120));
        expect(found.map((one) => one?.sort)).toStrictEqual(
          asked.map((sort) => (there.has(sort) ? sort : undefined)),
        );
        expect(await store.batchGet(tenant, [])).toStrictEqual([]);
      });

      it('of several owners are peeked at together, each under its own', async () => {
        await store.transact(tenant, [put('a')]);
        await store.transact(systemOwner, [{ kind: 'put', item: { ...item('a'), value: 'of the system' } }]);
        await store.transact(tenant, [{ kind: 'put', item: { ...item('gone'), expiresAt: 1 } }]);
        const owners = [systemOwner, tenant, tenantId('stranger'), tenant];
        const found = await store.peek(
          owners.map((owner, position) => ({ owner, ...key(position === 3 ? 'gone' : 'a') })),
        );
        expect(found.map((one) => one?.value)).toStrictEqual([
          'of the system',
          item('a').value,
          undefined,
          undefined,
        ]);
        expect(await store.peek([])).toStrictEqual([]);
        expect(await codeOf(store.peek([{ owner: tenant, partition: '', sort: 'a' }]))).toBe('internal');
      });

      it('are found by a query that may miss what is new, sooner or later', async () => {
        await store.transact(tenant, [put('a'), put('b')]);
        const query = { partition, after: 'a', eventual: true } as const;
        await expect.poll(async () => (await store.query(tenant, query)).items).toStrictEqual([item('b')]);
      });
    });

    describe('keys and sizes', () => {
      const refused: readonly (readonly [string, ItemKey])[] = [
        ['an empty partition', { partition: '', sort: 'a' }],
        ['an empty sort', { partition, sort: '' }],
        ['a partition that is too long', { partition: 'p'.repeat(maxPartitionBytes + 1), sort: 'a' }],
        ['a sort that is too long in bytes', { partition, sort: 'é'.repeat(maxSortBytes / 2 + 1) }],
        ['a NUL', { partition, sort: 'a\0b' }],
      ];
      it.each(refused)('%s is refused', async (_, bad) => {
        expect(await codeOf(store.get(tenant, bad))).toBe('internal');
        expect(await codeOf(store.batchGet(tenant, [bad]))).toBe('internal');
        expect(await codeOf(store.transact(tenant, [{ kind: 'put', item: { ...item('a'), ...bad } }]))).toBe(
          'internal',
        );
      });

      it('the longest keys are taken', async () => {
        const longest = { partition: 'p'.repeat(maxPartitionBytes), sort: 'é'.repeat(maxSortBytes / 2) };
        const written = { ...item('a'), ...longest, expiresAt: inSeconds(60) };
        const owner = tenantId(`${tenant}-${'x'.repeat(62 - tenant.length)}`);
        await store.transact(owner, [{ kind: 'put', item: written }]);
        expect(await store.get(owner, longest)).toStrictEqual(written);
        expect((await store.query(owner, { partition: longest.partition })).items).toStrictEqual([written]);
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
        expect(await codeOf(store.transact(tenant, operations))).toBe(code);
        expect(await all({ partition })).toStrictEqual([]);
      });

      it('the largest transactions are taken', async () => {
        await store.transact(
          tenant,
          Array.from({ length: maxOperations }, (_, n) => put(`n-${n}`)),
        );
        expect(await all({ partition })).toHaveLength(maxOperations);
        await store.transact(
          tenant,
          Array.from({ length: 10 }, (_, n) => put(`l-${n}`, { value: 'x'.repeat(maxValueBytes) })),
        );
        await store.transact(
          tenant,
          Array.from({ length: 7 }, (_, n) => put(`l-${n + 10}`, { value: new Uint8Array(maxValueBytes) })),
        );
        expect(await all({ partition, prefix: 'l-' })).toHaveLength(17);
      });
    });

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
      it.each(cases)(
        '$kind when $condition over $state: $holds',
        async ({ state, condition, holds, kind }) => {
          const prepare: readonly Operation[] = states[state];
          if (prepare.length > 0) {
            await store.transact(tenant, prepare);
            now += 60_000;
          }
          const before = await store.get(tenant, key('a'));
          const operation = kinds[kind](conditions[condition]);
          const after = { put: item('a', { value: 'new', version: 9 }), delete: undefined, check: before };
          const expected = holds ? after[kind] : before;

          expect(await failedOf([put('b'), operation])).toStrictEqual(holds ? 'done' : [1]);
          expect(await store.get(tenant, key('a'))).toStrictEqual(expected);
          expect((await store.get(tenant, key('b'))) === undefined).toBe(!holds);

          if (prepare.length > 0) {
            await store.transact(tenant, [
              ...prepare.map((one) => (one.kind === 'put' ? { ...one, item: { ...one.item } } : one)),
            ]);
          } else {
            await store.transact(tenant, [remove('a')]);
          }
          expect(await failedOf([operation])).toStrictEqual(holds ? 'done' : [0]);
          expect(await store.get(tenant, key('a'))).toStrictEqual(expected);
        },
      );

      it('are all told of, and nothing is written when one does not hold', async () => {
        await store.transact(tenant, [put('a'), put('b', { version: 3 }), put('c')]);
        const failed = await failedOf([
          put('a', { value: 'new' }, { version: 1 }),
          put('b', { value: 'new' }, { version: 2 }),
          remove('c'),
          check('d', { present: true }),
          put('e'),
        ]);
        expect(failed).toStrictEqual([1, 3]);
        expect(await all({ partition })).toStrictEqual([item('a'), item('b', { version: 3 }), item('c')]);
      });
    });

    describe('queries', () => {
      const names = ['a', 'a/1', 'a/2', 'a/~', 'ab', 'b', 'é', '｡', '🐻', 'B', '~'];
      const byBytes = (first: string, second: string) =>
        Buffer.compare(Buffer.from(first), Buffer.from(second));
      const ordered = [...names].sort(byBytes);
      beforeEach(async () => {
        await store.transact(
          tenant,
          names.map((sort) => put(sort)),
        );
      });

      it('answer in the order of bytes', async () => {
        const page = await store.query(tenant, { partition });
        expect(page).toStrictEqual({ items: ordered.map((sort) => item(sort)) });
      });

      const prefixes = ['a', 'a/', 'b', 'é', '🐻', 'x', 'a/2'];
      it.each(prefixes)('take the prefix %s', async (prefix) => {
        expect(sorts(await all({ partition, prefix }))).toStrictEqual(
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
          sorts(await all({ partition, after, ...(prefix === undefined ? {} : { prefix }) })),
        ).toStrictEqual(ordered.filter((sort) => sort.startsWith(prefix ?? '') && byBytes(sort, after) > 0));
      });

      it.each([1, 2, 3, 10, 11, 12])('come in pages of %i', async (limit) => {
        const sizes: number[] = [];
        const found: Item[] = [];
        for await (const page of pagesOf(store, tenant, { partition, limit })) {
          sizes.push(page.length);
          found.push(...page);
        }
        expect(sorts(found)).toStrictEqual(ordered);
        expect(Math.max(...sizes)).toBe(Math.min(limit, ordered.length));
      });

      it('refuse a page of nothing', async () => {
        expect(await codeOf(store.query(tenant, { partition, limit: 0 }))).toBe('internal');
      });

      it('get past pages of DynamoDB, which end at 1 MB', async () => {
        const value = 'x'.repeat(300 * 1024);
        await store.transact(
          tenant,
          Array.from({ length: 9 }, (_, n) => put(`large-${n}`, { value })),
        );
        const found = await all({ partition, prefix: 'large-' });
        expect(found.map(({ sort, value: { length } }) => [sort, length])).toStrictEqual(
          Array.from({ length: 9 }, (_, n) => [`large-${n}`, value.length]),
        );
      });
    });

    describe('expiry', () => {
      it('hides an item from its second on', async () => {
        const end = inSeconds(10);
        await store.transact(tenant, [put('a', { expiresAt: end }), put('b')]);
        now = end * 1000 - 1;
        expect(sorts(await all({ partition }))).toStrictEqual(['a', 'b']);
        expect(await store.get(tenant, key('a'))).toBeDefined();
        now = end * 1000;
        expect(await store.get(tenant, key('a'))).toBeUndefined();
        expect(await store.batchGet(tenant, [key('a'), key('b')])).toStrictEqual([undefined, item('b')]);
        expect(sorts(await all({ partition }))).toStrictEqual(['b']);
        expect(sorts(await all({ partition, limit: 1 }))).toStrictEqual(['b']);
      });

      it('is taken back by a later write', async () => {
        await store.transact(tenant, [put('a', { expiresAt: inSeconds(10) })]);
        await store.transact(tenant, [put('a', { version: 2 })]);
        now += 3_600_000;
        await store.transact(tenant, [put('b')]);
        expect(await store.get(tenant, key('a'))).toStrictEqual(item('a', { version: 2 }));
      });
    });

    describe('writers at once', () => {
      const readVersion = async (sort: string) => (await store.get(tenant, key(sort)))?.version ?? 0;

      it('lose no update', async () => {
        let met = 0;
        const step = async () => {
          const version = await readVersion('counter');
          const condition: Condition = version === 0 ? { absent: true } : { version };
          const next = { version: version + 1 };
          const result = await failedOf([put('counter', next, condition), put('shadow', next, condition)]);
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
          Array.from({ length: 40 }, (_, n) => failedOf([put('a', { value: `${n}` }, { absent: true })])),
        );
        expect(results.filter((result) => result === 'done')).toHaveLength(1);
        const winner = results.indexOf('done');
        expect((await store.get(tenant, key('a')))?.value).toBe(String(winner));
      });

      it('read what they wrote', async () => {
        await Promise.all(
          Array.from({ length: 50 }, async (_, n) => {
            await store.transact(tenant, [put(`n-${n}`), put(`m-${n}`)]);
            expect(await store.get(tenant, key(`n-${n}`))).toBeDefined();
            const page = await store.query(tenant, { partition, prefix: `m-${n}` });
            expect(sorts(page.items)).toContain(`m-${n}`);
          }),
        );
      });
    });
  });
}
