import type { TestContext } from 'vitest';
import { tenantId } from '../../../src/model/tenant.ts';
import { createDynamoStore } from '../../../src/store/dynamodb/dynamo-store.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import { createTestTable } from './dynamodb.ts';
import { type Call, cancellation, type Fault, refusal, startFaultyDynamoDb } from './faults.ts';

/** A table of its own, as a process sees it whose way to it can be made bad, and as others do. */
export interface FaultyWorld {
  readonly tenant: ReturnType<typeof tenantId>;
  /** Milliseconds since 1970, by the clock of that process and by those of others. */
  readonly time: { own: number; now: number };
  readonly own: ItemStore;
  readonly theirs: ItemStore;
  /** What becomes of that process's calls. */
  onCall(decide: (call: Call) => Fault): void;
  /** Resolves when no call is under way any more. */
  quiet(): Promise<void>;
}

const pass: Fault = { kind: 'pass' };

/** Opens a world on the DynamoDB of the endpoint. */
export async function openFaultyWorld(
  endpoint: string,
  { onTestFinished, expect }: Pick<TestContext, 'onTestFinished' | 'expect'>,
): Promise<FaultyWorld> {
  const table = await createTestTable(endpoint);
  const proxy = await startFaultyDynamoDb(endpoint);
  const start = Date.now();
  const time = { own: start, now: start };
  const own = createDynamoStore({
    ...table,
    endpoint: proxy.endpoint,
    clock: () => time.own,
    requestMilliseconds: 800,
    retry: { maxAttempts: 4, maxMilliseconds: 60_000, wait: async () => {} },
  });
  const theirs = createDynamoStore({ ...table, clock: () => time.now });
  onTestFinished(async () => {
    await own.close();
    await theirs.close();
    await proxy.close();
  });
  return {
    tenant: tenantId('acme'),
    time,
    own,
    theirs,
    onCall: proxy.onCall,
    quiet: () => expect.poll(() => proxy.pending, { timeout: 10_000 }).toBe(0),
  };
}

/** Something that goes wrong, until it is made to end. */
export type TableFault = (world: FaultyWorld) => () => Promise<void>;

/** Each request, however often it is sent, goes wrong the first time and passes then. */
const firstTimes =
  (faultOf: (call: Call) => Fault): TableFault =>
  ({ onCall, quiet }) => {
    const seen = new Set<string>();
    onCall((call) => {
      const text = JSON.stringify([call.operation, call.body]);
      const isFirst = !seen.has(text);
      seen.add(text);
      return isFirst ? faultOf(call) : pass;
    });
    return async () => {
      onCall(() => pass);
      await quiet();
    };
  };

const isWrite = ({ operation }: Call) => /^(Put|Delete|Update|Transact)/.test(operation);

const conflict = (call: Call): Fault => {
  const { TransactItems: writes } = call.body;
  if (call.operation === 'TransactWriteItems' && Array.isArray(writes)) {
    return cancellation(...writes.map((_, position) => (position === 0 ? 'TransactionConflict' : 'None')));
  }
  return isWrite(call) ? refusal(400, 'TransactionConflictException') : pass;
};

/** Each write is given up and sent again, and what was given up arrives when all is done. */
const late: TableFault = (world) => {
  let arrive = () => {};
  const until = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const end = firstTimes((call) => (isWrite(call) ? { kind: 'late', until } : pass))(world);
  return () => {
    arrive();
    return end();
  };
};

const minute = 60_000;

/** Nothing comes through before the clock says that a minute is over. */
const gone: TableFault = ({ time, onCall }) => {
  const until = time.own + minute;
  onCall(() => (time.own < until ? { kind: 'lose-request' } : pass));
  return async () => {
    time.own += minute;
    time.now += minute;
  };
};

/** The clock of the process is wrong for as long as it lasts. */
const jump =
  (milliseconds: number): TableFault =>
  ({ time }) => {
    time.own += milliseconds;
    return async () => {
      time.own -= milliseconds;
    };
  };

const hour = 3_600_000;

/** All that goes wrong, by what it is called. */
export const tableFaults = {
  'is throttled': firstTimes(() => refusal(400, 'ProvisionedThroughputExceededException')),
  'is answered 500': firstTimes(() => refusal(500, 'InternalServerError')),
  'is late': late,
  'is not answered': firstTimes(() => ({ kind: 'lose-answer' })),
  'meets others': firstTimes(conflict),
  'finds no table for a minute': gone,
  'has a clock that jumps an hour ahead': jump(hour),
  'has a clock that jumps an hour back': jump(-hour),
} as const satisfies Record<string, TableFault>;

export type FaultName = keyof typeof tableFaults;
