import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultTenant, tenantId } from '../../src/model/tenant.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { feedPartition } from '../../src/store/feed-items.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { startDynamoDb } from '../store/support/dynamodb.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  connectProxy,
  makeTenant,
  openProcess,
  openRelay,
  putDataplane,
  tokenFor,
} from './support/process-world.ts';

const soon = { timeout: 20_000, interval: 10 };

const engines: readonly (readonly [string, () => Promise<ItemStore>])[] = [
  ['the embedded engine', async () => createEmbeddedStore({ path: temporaryFolder() })],
  [
    'DynamoDB',
    async () => {
      const dynamoDb = await startDynamoDb();
      onTestFinished(dynamoDb.stop);
      return createDynamoStore(dynamoDb);
    },
  ],
];

describe.each(engines)('a commit of another process, on %s,', (_, open) => {
  it('reaches a proxy through the feed alone; a burst costs few hints and few rounds', async () => {
    const items = await open();
    let hints = 0;
    const writing: ItemStore = {
      ...items,
      transact(owner, operations) {
        hints += operations.some((one) => one.kind === 'put' && one.item.partition === feedPartition) ? 1 : 0;
        return items.transact(owner, operations);
      },
    };
    // Without heads there is nothing but the feed.
    const withoutHeads: ItemStore = { ...items, peek: () => Promise.reject(new Error('not here')) };
    const other = openProcess(writing);
    await makeTenant(other);
    await putDataplane(other, 'db-1', 'db', '10.0.0.1');
    await putDataplane(other, 'web-1', 'web', '10.0.1.1', ['db']);
    const relay = await openRelay('relay-1', openProcess(withoutHeads));
    onTestFinished(async () => {
      await relay.stop();
      await items.close();
    });
    const proxy = await connectProxy(relay, await tokenFor(other, 'web-1'), 'web-1');
    expect(proxy.endpoints('db')).toStrictEqual(['10.0.0.1']);
    await putDataplane(other, 'db-2', 'db', '10.0.0.2');
    await expect.poll(() => proxy.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);

    const before = { hints, told: proxy.told };
    const count = 200;
    await Promise.all(
      Array.from({ length: count }, (_, number) =>
        putDataplane(
          other,
          `burst-${number}`,
          'db',
          `10.0.${2 + Math.floor(number / 200)}.${1 + (number % 200)}`,
        ),
      ),
    );
    await expect.poll(() => proxy.endpoints('db').length, soon).toBe(2 + count);
    // Groups of 80 at most, of which the first is of those that came before it was looked.
    expect(hints - before.hints).toBeLessThanOrEqual(8);
    expect(proxy.told - before.told).toBeLessThanOrEqual(8);
  });

  it('is seen at the heads, of many tenants by one request', async () => {
    const items = await open();
    onTestFinished(() => items.close());
    let requests = 0;
    const { resources } = openProcess({
      ...items,
      peek(keys) {
        requests += 1;
        return items.peek(keys);
      },
    });
    const other = openProcess(items);
    await makeTenant(other);
    const revision = await putDataplane(other, 'db-1', 'db', '10.0.0.1');
    const globex = tenantId('globex');
    const scopes = [
      { tenant: defaultTenant, mesh: 'default' },
      { tenant: globex, mesh: 'default' },
      { tenant: defaultTenant, mesh: 'none' },
      { tenant: defaultTenant, mesh: '' },
      { tenant: defaultTenant, mesh: 'm'.repeat(2_000) },
    ];
    const { revision: globalRevision } = await resources.head(defaultTenant, '');
    expect(await resources.revisions(scopes)).toStrictEqual([revision, 0, 0, globalRevision, 0]);
    expect(requests).toBe(1);
    const mesh = { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} };
    await other.resources.commit(globex, [{ kind: 'put', draft: mesh }]);
    expect((await resources.revisions(scopes)).slice(0, 2)).toStrictEqual([revision, 1]);
  });
});
