import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { defaultTenant } from '../../src/model/tenant.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { ConditionFailedError, type ItemStore } from '../../src/store/port.ts';
import { headKey } from '../../src/store/resources/keys.ts';
import { createTestTable, startDynamoDb, type TestDynamoDb } from '../store/support/dynamodb.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { dataplane } from './relay-world.ts';
import {
  connectProxy,
  makeTenant,
  openProcess,
  openRelay,
  type ProcessStores,
  tokenFor,
} from './support/process-world.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
}, 60_000);
afterAll(() => dynamoDb.stop());

const engines = {
  embedded: async () => createEmbeddedStore({ path: temporaryFolder() }),
  DynamoDB: async () => createDynamoStore(await createTestTable(dynamoDb.endpoint)),
};

/** Transactions that move the head of the mesh: those that did, and those that another process was faster than. */
interface Moves {
  done: number;
  beaten: number;
}

const head = headKey('default');

function counted(items: ItemStore): { readonly items: ItemStore; readonly moves: Moves } {
  const moves: Moves = { done: 0, beaten: 0 };
  const counting: ItemStore = {
    ...items,
    async transact(owner, operations) {
      const moved = operations.some(
        (operation) =>
          operation.kind === 'put' &&
          operation.item.partition === head.partition &&
          operation.item.sort === head.sort,
      );
      try {
        await items.transact(owner, operations);
        moves.done += moved ? 1 : 0;
      } catch (error) {
        moves.beaten += moved && error instanceof ConditionFailedError ? 1 : 0;
        throw error;
      }
    },
  };
  return { items: counting, moves };
}

/** Stores on one engine with the tenant `default`, each as a process of its own has them. */
async function open(engine: keyof typeof engines, processes: number) {
  const { items, moves } = counted(await engines[engine]());
  onTestFinished(() => items.close());
  const first = openProcess(items);
  await makeTenant(first);
  moves.done = 0;
  const others = Array.from({ length: processes - 1 }, () => openProcess(items));
  return { first, all: [first, ...others], moves };
}

const addressOf = (index: number) => `10.0.${index >> 8}.${index & 255}`;

/** The names of the mesh's Dataplanes, as somebody reads them who has read nothing before. */
async function registered({ resources }: ProcessStores): Promise<readonly string[]> {
  const { resources: all } = await resources.load(defaultTenant, 'default');
  return all.filter(({ type }) => type === 'Dataplane').map(({ name }) => name);
}

describe.each(['embedded', 'DynamoDB'] as const)('a crowd that registers, on %s', (engine) => {
  it('is written in as few transactions as it fits into', async () => {
    const { first, moves } = await open(engine, 1);
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => {
        const name = `web-${index}`;
        const { networking } = Object(dataplane(name, 'web', addressOf(index)));
        const draft = { type: 'Dataplane', mesh: 'default', name, labels: {}, spec: { networking } };
        return first.resources.commit(defaultTenant, [{ kind: 'put', draft, expect: { absent: true } }]);
      }),
    );
    expect(moves.done).toBeLessThanOrEqual(20);
    expect(moves.beaten).toBe(0);
    expect(await registered(first)).toHaveLength(1_000);
  });

  it('is written in groups where it comes to four relays at once, none is lost, and whoever moves writes nothing', {
    timeout: 90_000,
  }, async () => {
    const { first, all, moves } = await open(engine, 4);
    const relays = await Promise.all(all.map((stores, index) => openRelay(`relay-${index}`, stores)));
    onTestFinished(() => Promise.all(relays.map((relay) => relay.stop())).then(() => {}));
    const token = await tokenFor(first, '');
    const names = Array.from({ length: 160 }, (_, index) => `web-${String(index).padStart(3, '0')}`);
    /** Every proxy at the relay that is so many places further on than the one it came to first. */
    const connectAll = (shift: number) =>
      Promise.all(
        relays.map((relay, position) =>
          Promise.all(
            names
              .filter((_, index) => (index + shift) % relays.length === position)
              .map((name) => {
                const document = dataplane(name, 'web', addressOf(names.indexOf(name)), ['web']);
                return connectProxy(relay, token, name, { document });
              }),
          ),
        ),
      );

    const proxies = (await connectAll(0)).flat();
    expect(proxies).toHaveLength(names.length);
    expect([...(await registered(first))].sort()).toEqual(names);
    expect(moves.done).toBeLessThanOrEqual(names.length / 5);
    const everybody = names.map((_, index) => addressOf(index)).sort();
    for (const proxy of proxies) {
      await expect.poll(() => proxy.endpoints('web'), { timeout: 20_000 }).toEqual(everybody);
    }

    const { revision } = await first.resources.head(defaultTenant, 'default');
    await connectAll(1);
    expect((await first.resources.head(defaultTenant, 'default')).revision).toBe(revision);
  });
});
