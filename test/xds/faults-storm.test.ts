import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest';
import { KumulusError } from '../../src/model/errors.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { createObservability } from '../../src/observability/observability.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { createMeasuredItems } from '../../src/store/measured-items.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { createRelayServer } from '../../src/xds/server/relay-server.ts';
import { createTestTable, startDynamoDb, type TestDynamoDb } from '../store/support/dynamodb.ts';
import { type Fault, refusal, startFaultyDynamoDb } from '../store/support/faults.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { dataplane } from './relay-world.ts';
import type { StreamEnd } from './support/http2-ads.ts';
import { type PersistentProxy, startPersistentProxy } from './support/persistent-proxy.ts';
import { makeTenant, openProcess, openRelay, putDataplane, tokenFor } from './support/process-world.ts';

/** Much waits for pauses between attempts, and for other tests on the machine. */
const soon = { timeout: 90_000, interval: 50 };
const patience = { timeout: 180_000 };

/** Those that were there before, and those that come while the table is gone. */
const old = 150;
const young = 150;
/** Calls of the table that wait for it at once, at the most. */
const mostCalls = 32;
/** Bytes that one more round of reconnections may leave behind: what is still to be written of them. */
const mostGrowth = 12 * 1024 * 1024;

const throttled = refusal(400, 'ProvisionedThroughputExceededException');
const failed = refusal(500, 'InternalServerError');
const isUnavailable = ({ grpcStatus }: StreamEnd) => grpcStatus === status.UNAVAILABLE;

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
}, 60_000);
afterAll(() => dynamoDb.stop());

/** A table as the relay sees it, and as another process does to whom nothing is wrong with it. */
interface FaultyTable {
  readonly own: ItemStore;
  readonly theirs: ItemStore;
  begin(): void;
  /** Lets the calls fail that wait; those to come wait in their turn. */
  giveUp(): void;
  end(): void;
  close(): Promise<void>;
}

/** A DynamoDB behind a proxy that lets every call go wrong, in one way after the other. */
const dynamo =
  (...faults: readonly [Fault, ...Fault[]]) =>
  async (): Promise<FaultyTable> => {
    const table = await createTestTable(dynamoDb.endpoint);
    const proxy = await startFaultyDynamoDb(dynamoDb.endpoint);
    const theirs = createDynamoStore(table);
    // Twelve times as impatient as it is outside of tests.
    const own = createDynamoStore({
      ...table,
      endpoint: proxy.endpoint,
      requestMilliseconds: 250,
      retry: { maxMilliseconds: 400 },
    });
    return {
      own,
      theirs,
      begin: () => proxy.onCall(() => faults[proxy.calls.length % faults.length] ?? faults[0]),
      // What waits is given up by itself.
      giveUp() {},
      end: () => proxy.onCall(() => ({ kind: 'pass' })),
      async close() {
        await own.close();
        await theirs.close();
        await proxy.close();
      },
    };
  };

/** The embedded engine, whose calls fail at once, as on a full disk, or wait until they are given up. */
const embedded = (how: 'fails' | 'is silent') => async (): Promise<FaultyTable> => {
  const engine = createEmbeddedStore({ path: temporaryFolder() });
  let isFaulty = false;
  const waiting: (() => void)[] = [];
  const giveUp = () => {
    for (const each of waiting.splice(0)) {
      each();
    }
  };
  const faulty =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (!isFaulty) {
        return call(...args);
      }
      if (how === 'is silent') {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      throw new KumulusError('unavailable', 'the table could not be reached', { retryAfterSeconds: 1 });
    };
  return {
    own: {
      ...engine,
      get: faulty(engine.get),
      batchGet: faulty(engine.batchGet),
      query: faulty(engine.query),
      peek: faulty(engine.peek),
      transact: faulty(engine.transact),
    },
    theirs: engine,
    giveUp,
    begin() {
      isFaulty = true;
    },
    end() {
      isFaulty = false;
      giveUp();
    },
    close: () => engine.close(),
  };
};

/** The table with a count of the calls that wait for it. */
function countedItems(items: ItemStore) {
  const calls = { waiting: 0, most: 0, all: 0 };
  const counted =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> => {
      calls.all += 1;
      calls.waiting += 1;
      calls.most = Math.max(calls.most, calls.waiting);
      return call(...args).finally(() => {
        calls.waiting -= 1;
      });
    };
  const { get, batchGet, query, peek, transact } = items;
  return {
    calls,
    items: {
      ...items,
      get: counted(get),
      batchGet: counted(batchGet),
      query: counted(query),
      peek: counted(peek),
      transact: counted(transact),
    },
  };
}

/** A relay on its port, whose table can be taken away, with the tenant `default` and a service `db` in it. */
async function openWorld(
  open: () => Promise<FaultyTable>,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
) {
  const table = await open();
  const other = openProcess(table.theirs);
  await makeTenant(other);
  await putDataplane(other, 'db-1', 'db', '10.0.0.1');
  const time = { offset: 0 };
  const clock = () => Date.now() + time.offset;
  const { telemetry, health, stop } = createObservability({
    clock,
    logger: silentLogger,
    instance: 'relay-1',
  });
  const proxies = { connected: 0, letIn: 0 };
  const counting = {
    ...telemetry,
    proxyConnected(...args: Parameters<typeof telemetry.proxyConnected>) {
      const proxy = telemetry.proxyConnected(...args);
      proxies.connected += 1;
      proxies.letIn += 1;
      return {
        ...proxy,
        disconnected() {
          proxies.connected -= 1;
          proxy.disconnected();
        },
      };
    },
  };
  const { calls, items } = countedItems(createMeasuredItems({ items: table.own, telemetry }));
  const relay = await openRelay('relay-1', openProcess(items, clock), clock, counting);
  const { ca, certificate, key } = await makeServerCertificate();
  const server = createRelayServer({
    sessions: relay,
    health: relay.health,
    tls: { cert: certificate, key },
    bootstrap: async () => ({ status: 404, body: '' }),
    tenantOf: () => defaultTenant,
    logger: silentLogger,
    telemetry: counting,
  });
  const { port } = await server.listen(0, '127.0.0.1');
  const seen = { waiting: 0, unhealthy: [] as unknown[] };
  const looks = setInterval(() => {
    seen.waiting = Math.max(seen.waiting, server.waiting);
    const report = health.live();
    if (!report.ok) {
      seen.unhealthy.push(report);
    }
  }, 50);
  onTestFinished(async () => {
    clearInterval(looks);
    table.end();
    await server.close();
    await relay.stop();
    await stop();
    await table.close();
  });
  const token = await tokenFor(other, '');
  return {
    table,
    time,
    other,
    server,
    calls,
    /** The longest line at the door, and what health said that was not good. */
    seen,
    /** How many proxies are connected now, and how many streams were let in so far. */
    proxies,
    start(prefix: string, index: number): PersistentProxy {
      const name = `${prefix}-${index}`;
      const document = dataplane(name, prefix, `10.1.${prefix.length}.${index}`, ['db']);
      return startPersistentProxy({ port, ca }, { name, token, service: 'db', document });
    },
  };
}

const many = (count: number, start: (index: number) => PersistentProxy) =>
  Array.from({ length: count }, (_, index) => start(index));

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') {
    throw new Error('there is a garbage collector');
  }
  collect();
  return process.memoryUsage().heapUsed;
}

describe('a storm', () => {
  const tables: readonly (readonly [string, () => Promise<FaultyTable>])[] = [
    ['DynamoDB throttles and fails', dynamo(throttled, failed)],
    ['DynamoDB does not answer', dynamo({ kind: 'silence' })],
    ['the embedded engine fails', embedded('fails')],
    ['the embedded engine does not answer', embedded('is silent')],
  ];
  it.for(tables)('while %s', patience, async ([, open], context) => {
    const { expect } = context;
    const { table, time, other, server, calls, proxies, seen, start } = await openWorld(open, context);
    const before = many(old, (index) => start('old', index));
    await expect.poll(() => before.every(({ isConfigured }) => isConfigured), soon).toBe(true);
    /** All are cut off, and those that were there before are there again. */
    const cutOff = async (meanwhile = () => {}) => {
      const { letIn } = proxies;
      server.breakConnections();
      const found = () => {
        meanwhile();
        return [proxies.letIn - letIn, proxies.connected];
      };
      await expect.poll(found, soon).toStrictEqual([old, old]);
    };

    table.begin();
    calls.most = 0;
    // What is looked at again by and by is too old.
    time.offset = 120_000;
    const news = many(young, (index) => start('new', index));
    await cutOff(table.giveUp);
    const leastRefusals = () => {
      table.giveUp();
      return Math.min(...news.map(({ ends }) => ends.filter(isUnavailable).length));
    };
    await expect.poll(leastRefusals, soon).toBeGreaterThanOrEqual(2);
    const told = new Set(news.flatMap(({ ends }) => ends.map(({ message }) => message)));
    const times = [...told].filter((message) => message.includes('come back in'));
    expect(times.length, 'they are told different times').toBeGreaterThanOrEqual(3);

    // From now on nothing is given up: nobody who needs nothing of the table waits for it, nor for those who do.
    await cutOff();
    const heap = heapAfterCollection();
    await cutOff();
    expect(heapAfterCollection() - heap).toBeLessThan(mostGrowth);
    expect(seen.waiting).toBeLessThanOrEqual(old + young);
    expect(calls.most).toBeLessThanOrEqual(mostCalls);
    expect(before.every(({ isConfigured }) => isConfigured)).toBe(true);

    await putDataplane(other, 'db-2', 'db', '10.0.0.2');
    table.end();
    await expect.poll(() => proxies.connected, soon).toBe(old + young);
    const both = JSON.stringify(['10.0.0.1', '10.0.0.2']);
    const behind = () => [...before, ...news].filter(({ endpoints }) => JSON.stringify(endpoints) !== both);
    await expect.poll(behind, soon).toStrictEqual([]);
    const dataplanes = async () =>
      (await other.resources.load(defaultTenant, 'default')).resources.filter(
        ({ type, name }) => type === 'Dataplane' && !name.startsWith('db'),
      ).length;
    expect(await dataplanes()).toBe(old + young);
    const openSubscriptions = async () => {
      const insights = await other.insights.list(defaultTenant, 'default');
      return insights.map(
        ({ subscriptions }) =>
          subscriptions.filter(({ disconnectTime }) => disconnectTime === undefined).length,
      );
    };
    await expect.poll(openSubscriptions, soon).toStrictEqual(new Array(old + young).fill(1));
    expect(seen.unhealthy).toStrictEqual([]);
  });
});
