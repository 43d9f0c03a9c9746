import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isKumulusError } from '../../src/model/errors.ts';
import { type TenantId, tenantId } from '../../src/model/tenant.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { ConditionFailedError, type Item, type ItemStore, type Operation } from '../../src/store/port.ts';
import { startDynamoDb, type TestDynamoDb } from './support/dynamodb.ts';
import {
  type Call,
  cancellation,
  type Fault,
  type FaultyDynamoDb,
  refusal,
  startFaultyDynamoDb,
} from './support/faults.ts';

let dynamoDb: TestDynamoDb;
let proxy: FaultyDynamoDb;
let store: ItemStore;
let tenant: TenantId;
let waits: number[];
let retried: string[];
let count = 0;
const run = Math.random().toString(36).slice(2, 10);

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
  proxy = await startFaultyDynamoDb(dynamoDb.endpoint);
});
afterAll(async () => {
  await proxy.close();
  await dynamoDb.stop();
});
beforeEach(() => {
  count += 1;
  tenant = tenantId(`f-${run}-${count}`);
  waits = [];
  retried = [];
  store = createDynamoStore({
    ...dynamoDb,
    endpoint: proxy.endpoint,
    telemetry: { storeRetried: (reason) => void retried.push(reason) },
    retry: { maxAttempts: 5, wait: async (milliseconds) => void waits.push(milliseconds), random: () => 0.5 },
  });
  proxy.onCall(() => pass);
  return () => store.close();
});

const pass: Fault = { kind: 'pass' };
/** The given faults for the first calls, and none for those after. */
function faults(...list: readonly Fault[]): void {
  const left = [...list];
  proxy.onCall(() => left.shift() ?? pass);
}

const item = (sort: string, version = 1, value = 'x'): Item => ({ partition: 'p', sort, version, value });
const two: readonly Operation[] = [
  { kind: 'put', item: item('a'), condition: { absent: true } },
  { kind: 'put', item: item('b') },
];
const one: readonly Operation[] = [{ kind: 'put', item: item('a'), condition: { absent: true } }];
const outcome = async (work: Promise<unknown>) => {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof ConditionFailedError) {
      return error.failed;
    }
    return isKumulusError(error) ? `${error.code}: ${error.message}` : String(error);
  }
};
const sorts = async () => (await store.query(tenant, { partition: 'p' })).items.map(({ sort }) => sort);
const since = (start: number): readonly Call[] => proxy.calls.slice(start);

describe('DynamoDB that fails for a while', () => {
  const passing: readonly (readonly [string, Fault, string])[] = [
    ['a throttled request', refusal(400, 'ThrottlingException'), 'throttled'],
    ['exceeded throughput', refusal(400, 'ProvisionedThroughputExceededException'), 'throttled'],
    ['an error of the service', refusal(500, 'InternalServerError'), 'no_answer'],
    ['a conflict of transactions', refusal(400, 'TransactionConflictException'), 'conflict'],
    ['an answer that is no JSON', { kind: 'answer', status: 503, body: [] }, 'no_answer'],
    ['a lost request', { kind: 'lose-request' }, 'no_answer'],
    ['a lost answer', { kind: 'lose-answer' }, 'no_answer'],
    ['half an answer', { kind: 'half-answer', rest: 'ends' }, 'no_answer'],
  ];
  it.each(passing)('%s is sent again', async (_, fault, reason) => {
    faults(fault, fault);
    expect(await outcome(store.transact(tenant, two))).toBe('done');
    faults(fault);
    expect(
      await outcome(store.transact(tenant, [{ kind: 'put', item: item('c'), condition: { absent: true } }])),
    ).toBe('done');
    faults(fault);
    expect(await store.get(tenant, { partition: 'p', sort: 'a' })).toStrictEqual(item('a'));
    faults(fault);
    expect(await store.batchGet(tenant, [{ partition: 'p', sort: 'b' }])).toStrictEqual([item('b')]);
    faults(fault);
    expect(await sorts()).toStrictEqual(['a', 'b', 'c']);
    faults(fault);
    expect(
      await outcome(store.transact(tenant, [{ kind: 'delete', key: { partition: 'p', sort: 'c' } }])),
    ).toBe('done');
    expect(await sorts()).toStrictEqual(['a', 'b']);
    expect(waits).toStrictEqual([20, 40, 20, 20, 20, 20, 20]);
    expect(retried).toStrictEqual(waits.map(() => reason));
  });

  /** Long enough for one answer of a busy machine in five. */
  const openImpatient = () =>
    createDynamoStore({
      ...dynamoDb,
      endpoint: proxy.endpoint,
      requestMilliseconds: 400,
      retry: { maxAttempts: 5, maxMilliseconds: 60_000, wait: async () => {} },
    });

  const silent: readonly (readonly [string, Fault])[] = [
    ['a request that nobody answers', { kind: 'silence' }],
    ['an answer that stands still', { kind: 'half-answer', rest: 'is awaited' }],
  ];
  it.each(silent)('%s is not waited for', async (_, fault) => {
    const impatient = openImpatient();
    const key = { partition: 'p', sort: 'a' };
    faults(fault);
    expect(await outcome(impatient.transact(tenant, two))).toBe('done');
    faults(fault);
    expect(await outcome(impatient.transact(tenant, [{ kind: 'put', item: item('c') }]))).toBe('done');
    faults(fault);
    expect(await impatient.get(tenant, key)).toStrictEqual(item('a'));
    faults(fault);
    expect(await impatient.batchGet(tenant, [key])).toStrictEqual([item('a')]);
    faults(fault);
    expect((await impatient.query(tenant, { partition: 'p' })).items).toHaveLength(3);
    await impatient.close();
  });

  it('what arrives after it was given up, and was done by a later attempt, changes nothing', async () => {
    const impatient = openImpatient();
    let arrive = () => {};
    const until = new Promise<void>((resolve) => (arrive = resolve));
    const transaction: readonly Operation[] = [
      { kind: 'put', item: item('a') },
      { kind: 'put', item: item('b'), condition: { absent: true } },
    ];
    faults({ kind: 'late', until });
    expect(await outcome(impatient.transact(tenant, transaction))).toBe('done');
    const put = (version: number): Operation => ({
      kind: 'put',
      item: item('a', version),
      condition: { version: version - 1 },
    });
    faults({ kind: 'late', until });
    expect(await outcome(impatient.transact(tenant, [put(2)]))).toBe('done');
    await impatient.transact(tenant, [put(3), { kind: 'delete', key: item('b') }]);
    arrive();
    await expect.poll(() => proxy.pending).toBe(0);
    expect((await impatient.query(tenant, { partition: 'p' })).items).toStrictEqual([item('a', 3)]);
    await impatient.close();
  });

  const conflicts: readonly (readonly [string, readonly Operation[], Fault])[] = [
    ['that is met by another', two, cancellation('TransactionConflict', 'None')],
    ['that is throttled', two, cancellation('None', 'ThrottlingError')],
    ['that is still under way', two, refusal(400, 'TransactionInProgressException')],
    ['of one operation that meets one', one, refusal(400, 'TransactionConflictException')],
  ];
  it.each(conflicts)('a transaction %s is sent again', async (_, operations, fault) => {
    faults(fault, fault, fault);
    expect(await outcome(store.transact(tenant, operations))).toBe('done');
    expect(waits).toStrictEqual([20, 40, 80]);
  });

  it('conditions that do not hold are told, whatever else cancelled the transaction', async () => {
    faults(cancellation('TransactionConflict', 'ConditionalCheckFailed'));
    expect(await outcome(store.transact(tenant, two))).toStrictEqual([1]);
    expect(waits).toStrictEqual([]);
  });

  it('the same token goes with every attempt, and another one with the next transaction', async () => {
    const start = proxy.calls.length;
    faults({ kind: 'lose-answer' }, { kind: 'lose-request' });
    await store.transact(tenant, two);
    await store.transact(tenant, [
      { kind: 'put', item: item('c') },
      { kind: 'put', item: item('d') },
    ]);
    const tokens = since(start).map(({ body }) => body.ClientRequestToken);
    expect(tokens).toHaveLength(4);
    expect(new Set(tokens.slice(0, 3)).size).toBe(1);
    expect(tokens[3]).not.toBe(tokens[0]);
    expect(tokens[0]).toEqual(expect.any(String));
  });

  it('a single write whose answer was lost is recognised, and that of another is not', async () => {
    faults({ kind: 'lose-answer' });
    expect(await outcome(store.transact(tenant, one))).toBe('done');
    expect(await outcome(store.transact(tenant, one))).toStrictEqual([0]);
    faults({ kind: 'lose-answer' });
    const next: Operation = { kind: 'put', item: item('a', 2), condition: { version: 1 } };
    expect(await outcome(store.transact(tenant, [next]))).toBe('done');
    faults({ kind: 'lose-request' });
    expect(await outcome(store.transact(tenant, [next]))).toStrictEqual([0]);
    expect(await store.get(tenant, { partition: 'p', sort: 'a' })).toStrictEqual(item('a', 2));
  });

  it('a delete under a condition whose answer was lost is not taken for failed', async () => {
    await store.transact(tenant, one);
    faults({ kind: 'lose-answer' });
    const remove: Operation = {
      kind: 'delete',
      key: { partition: 'p', sort: 'a' },
      condition: { version: 1 },
    };
    expect(await outcome(store.transact(tenant, [remove]))).toBe('done');
    expect(await sorts()).toStrictEqual([]);
  });

  it('keys that were left for later are asked for again, with a pause only where nothing came', async () => {
    await store.transact(
      tenant,
      ['a', 'b', 'c'].map((sort) => ({ kind: 'put', item: item(sort) })),
    );
    const keys = ['a', 'b', 'c'].map((sort) => ({ partition: 'p', sort }));
    const left = (...names: string[]): Fault => ({
      kind: 'answer',
      status: 200,
      body: {
        Responses: {},
        UnprocessedKeys: {
          [dynamoDb.table]: {
            ConsistentRead: true,
            Keys: names.map((sort) => ({ pk: { S: `${tenant}#p` }, sk: { S: sort } })),
          },
        },
      },
    });
    faults(left('a', 'b', 'c'), left('a', 'b', 'c'));
    const start = proxy.calls.length;
    expect((await store.batchGet(tenant, keys)).map((found) => found?.sort)).toStrictEqual(['a', 'b', 'c']);
    expect(since(start)).toHaveLength(3);
    expect(waits).toStrictEqual([20, 40]);
    proxy.onCall(() => left('a'));
    expect(await outcome(store.batchGet(tenant, keys))).toBe(
      'unavailable: the table could not be reached: throttled',
    );
  });
});

describe('DynamoDB that fails for long', () => {
  it('is given up, and the caller told to come back', async () => {
    proxy.onCall(() => refusal(400, 'ThrottlingException'));
    const start = proxy.calls.length;
    const error = await store.transact(tenant, two).catch((caught: unknown) => caught);
    expect(isKumulusError(error, 'unavailable') && [error.message, error.retryAfterSeconds]).toStrictEqual([
      'the table could not be reached: ThrottlingException',
      1,
    ]);
    expect(since(start)).toHaveLength(5);
    expect(waits).toStrictEqual([20, 40, 80, 160]);
    proxy.onCall(() => cancellation('TransactionConflict', 'None'));
    expect(await outcome(store.transact(tenant, two))).toBe(
      'unavailable: the table could not be reached: TransactionConflict, None',
    );
  });

  it('is given up when the time is over, however few the attempts were', async () => {
    let now = 0;
    const impatient = createDynamoStore({
      ...dynamoDb,
      endpoint: proxy.endpoint,
      retry: {
        maxMilliseconds: 5_000,
        now: () => now,
        wait: async (milliseconds) => {
          now += milliseconds;
        },
        random: () => 0.5,
      },
    });
    proxy.onCall(() => {
      now += 3_000;
      return refusal(500, 'InternalServerError');
    });
    const start = proxy.calls.length;
    expect(await outcome(impatient.get(tenant, { partition: 'p', sort: 'a' }))).toBe(
      'unavailable: the table could not be reached: InternalServerError',
    );
    expect(since(start)).toHaveLength(2);
    await impatient.close();
  });

  it('is unavailable when nobody listens', async () => {
    const nobody = createDynamoStore({
      ...dynamoDb,
      endpoint: 'http://127.0.0.1:1',
      retry: { maxAttempts: 2, wait: async () => {} },
    });
    expect(await outcome(nobody.get(tenant, { partition: 'p', sort: 'a' }))).toMatch(/^unavailable: /);
    await nobody.close();
  });

  const final: readonly (readonly [string, Fault, string])[] = [
    ['a table that is not there', refusal(400, 'ResourceNotFoundException'), 'ResourceNotFoundException'],
    ['a call that is not allowed', refusal(400, 'AccessDeniedException'), 'AccessDeniedException'],
    ['a transaction that breaks rules', cancellation('ValidationError', 'None'), 'ValidationError, None'],
  ];
  it.each(final)('%s is not asked again', async (_, fault, reason) => {
    const start = proxy.calls.length;
    proxy.onCall(() => fault);
    expect(await outcome(store.transact(tenant, two))).toBe(
      `internal: the table refused a request: ${reason}`,
    );
    expect(since(start)).toHaveLength(1);
  });
});

describe('requests', () => {
  it('are plain ones for one operation and transactions for more, and reads are strongly consistent', async () => {
    const start = proxy.calls.length;
    const key = { partition: 'p', sort: 'a' };
    await store.transact(tenant, [{ kind: 'put', item: item('a') }]);
    await store.transact(tenant, [{ kind: 'put', item: item('a', 2), condition: { version: 1 } }]);
    await store.transact(tenant, [{ kind: 'check', key, condition: { present: true } }]);
    await store.transact(tenant, [{ kind: 'delete', key, condition: { present: true } }]);
    await store.transact(tenant, [{ kind: 'delete', key }]);
    await store.get(tenant, key);
    await store.query(tenant, { partition: 'p' });
    await store.batchGet(tenant, [key]);
    const calls = since(start);
    expect(calls.map(({ operation }) => operation)).toStrictEqual([
      'PutItem',
      'PutItem',
      'TransactWriteItems',
      'TransactWriteItems',
      'DeleteItem',
      'GetItem',
      'Query',
      'BatchGetItem',
    ]);
    expect(
      calls.slice(5).map(({ body }) => JSON.stringify(body).includes('"ConsistentRead":true')),
    ).toStrictEqual([true, true, true]);
    expect(
      JSON.stringify(calls.map(({ body }) => body))
        .match(/"pk":\{"S":"[^"]*"\}/g)
        ?.every((pk) => pk.includes(`"${tenant}#p"`)),
    ).toBe(true);
  });
});
