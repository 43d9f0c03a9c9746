import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest';
import { isKumulusError } from '../../src/model/errors.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { createTestTable, startDynamoDb, type TestDynamoDb } from '../store/support/dynamodb.ts';
import { cancellation, type Fault, refusal, startFaultyDynamoDb } from '../store/support/faults.ts';
import { dataplane } from './relay-world.ts';
import {
  type ConnectedProxy,
  connectProxy,
  makeTenant,
  openProcess,
  openRelay,
  putDataplane,
  tokenFor,
} from './support/process-world.ts';

let dynamoDb: TestDynamoDb;
const pass: Fault = { kind: 'pass' };
/** Much waits for the pauses between attempts, and for other tests on the machine. */
const soon = { timeout: 60_000, interval: 20 };
const patience = { timeout: 120_000 };

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
}, 60_000);
afterAll(() => dynamoDb.stop());

/** A relay whose way to the table can be made bad, and another process whose way is fine. */
async function openWorld({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, requestMilliseconds = 500) {
  const table = await createTestTable(dynamoDb.endpoint);
  const proxy = await startFaultyDynamoDb(dynamoDb.endpoint);
  const theirs = createDynamoStore(table);
  const own = createDynamoStore({
    ...table,
    endpoint: proxy.endpoint,
    requestMilliseconds,
    retry: { maxAttempts: 2, wait: async () => {} },
  });
  const other = openProcess(theirs);
  await makeTenant(other);
  const time = { offset: 0 };
  const clock = () => Date.now() + time.offset;
  const relay = await openRelay('relay-1', openProcess(own, clock), clock);
  onTestFinished(async () => {
    proxy.onCall(() => pass);
    await relay.stop();
    await own.close();
    await theirs.close();
    await proxy.close();
  });
  await putDataplane(other, 'db-1', 'db', '10.0.0.1');
  await putDataplane(other, 'web-1', 'web', '10.0.1.1', ['db']);
  const token = await tokenFor(other, 'web-1');
  return {
    /** Of the relay's clock, in milliseconds. */
    time,
    proxy,
    other,
    relay,
    token,
    openSubscriptions: async (name: string) => {
      const insight = await other.insights.get(defaultTenant, 'default', name);
      return insight?.subscriptions.filter(({ disconnectTime }) => disconnectTime === undefined).length;
    },
  };
}

/** The error that a promise rejects with. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Lets the proxy come until it is let in, as it does: it is told when. */
async function comeBack(...how: Parameters<typeof connectProxy>): Promise<ConnectedProxy> {
  for (;;) {
    try {
      return await connectProxy(...how);
    } catch (error) {
      if (!isKumulusError(error, 'unavailable')) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('while the table', () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ['throttles', refusal(400, 'ProvisionedThroughputExceededException')],
    ['answers 500', refusal(500, 'InternalServerError')],
    ['is gone', { kind: 'lose-request' }],
    ['does not answer', { kind: 'silence' }],
    ['does what it is asked and its answers are lost', { kind: 'lose-answer' }],
  ];
  it.concurrent.for(faults)(
    '%s, proxies keep what they have, and get the rest afterwards',
    patience,
    async ([, fault], context) => {
      const { expect } = context;
      const { time, proxy, other, relay, token, openSubscriptions } = await openWorld(context);
      const first = await connectProxy(relay, token, 'web-1');
      expect(first.endpoints('db')).toStrictEqual(['10.0.0.1']);
      await expect.poll(() => openSubscriptions('web-1'), soon).toBe(1);

      proxy.onCall(() => fault);
      await putDataplane(other, 'db-2', 'db', '10.0.0.2');
      const start = proxy.calls.length;
      await expect.poll(() => proxy.calls.length - start, soon).toBeGreaterThanOrEqual(8);
      expect([first.ended, first.endpoints('db')]).toStrictEqual([undefined, ['10.0.0.1']]);

      // One that comes back is served from memory, long after all that is remembered for a while is too old, and what it
      // has is what it had.
      time.offset = 120_000;
      const second = await connectProxy(relay, token, 'web-1');
      expect(first.ended).toMatchObject({ code: 'conflict' });
      expect(second.endpoints('db')).toStrictEqual(['10.0.0.1']);
      // What has to be read or written is refused, and may be asked for again.
      const refusedOnce = { code: 'unavailable', retryAfterSeconds: 1 };
      const document = dataplane('web-2', 'web', '10.0.1.2');
      const newToken = await tokenFor(other, 'web-2');
      expect(await failureOf(connectProxy(relay, token, 'web-1', { mesh: 'other' }))).toMatchObject(
        refusedOnce,
      );
      expect(await failureOf(connectProxy(relay, newToken, 'web-2', { document }))).toMatchObject(
        refusedOnce,
      );

      proxy.onCall(() => pass);
      await expect.poll(() => second.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);
      expect(second.ended).toBeUndefined();
      await expect
        .poll(async () => {
          const insight = await other.insights.get(defaultTenant, 'default', 'web-1');
          return insight?.subscriptions.map(({ disconnectTime }) => disconnectTime === undefined);
        }, soon)
        .toStrictEqual([false, true]);
      expect((await comeBack(relay, newToken, 'web-2', { document })).ended).toBeUndefined();
      await expect.poll(() => other.leases.list(), soon).toMatchObject([{ relay: 'relay-1' }]);
    },
  );

  it.concurrent(
    'conflicts, who has to be written is told to come back, and others get their changes',
    patience,
    async (context) => {
      const { expect } = context;
      const { proxy, other, relay, token } = await openWorld(context);
      const first = await connectProxy(relay, token, 'web-1');
      proxy.onCall(({ operation, body }) => {
        const writes = Array.isArray(body.TransactItems) ? body.TransactItems : [];
        return operation === 'TransactWriteItems'
          ? cancellation(...writes.map((_, position) => (position === 0 ? 'TransactionConflict' : 'None')))
          : pass;
      });
      await putDataplane(other, 'db-2', 'db', '10.0.0.2');
      await expect.poll(() => first.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);
      const document = dataplane('web-2', 'web', '10.0.1.2');
      const newToken = await tokenFor(other, 'web-2');
      expect(await failureOf(connectProxy(relay, newToken, 'web-2', { document }))).toMatchObject({
        code: 'unavailable',
        retryAfterSeconds: 1,
      });
      proxy.onCall(() => pass);
      expect((await comeBack(relay, newToken, 'web-2', { document })).ended).toBeUndefined();
    },
  );

  it.concurrent('answers late, everything goes on, later', patience, async (context) => {
    const { expect } = context;
    const { proxy, other, relay, token } = await openWorld(context, 20_000);
    proxy.onCall(() => ({ kind: 'late', until: new Promise((resolve) => setTimeout(resolve, 100)) }));
    const first = await connectProxy(relay, token, 'web-1');
    await putDataplane(other, 'db-2', 'db', '10.0.0.2');
    await expect.poll(() => first.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);
    const document = dataplane('web-2', 'web', '10.0.1.2');
    const second = await connectProxy(relay, await tokenFor(other, 'web-2'), 'web-2', { document });
    expect([first.ended, second.ended]).toStrictEqual([undefined, undefined]);
  });
});
