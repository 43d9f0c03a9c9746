import { describe, it, type TestContext } from 'vitest';
import { defaultTenant } from '../../src/model/tenant.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { feedPartition } from '../../src/store/feed-items.ts';
import type { ItemStore, Operation } from '../../src/store/port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  connectProxy,
  makeTenant,
  openProcess,
  openRelay,
  putDataplane,
  tokenFor,
} from './support/process-world.ts';

/** Much waits for the next look at the heads, and for other tests on the machine. */
const soon = { timeout: 60_000, interval: 20 };
const patience = { timeout: 120_000 };
const hour = 3_600_000;
const pass = (operations: readonly Operation[]): readonly (readonly Operation[])[] => [operations];

/** A relay and another process on one table. What the other writes to the feed can go wrong, and each has its own clock. */
async function openWorld({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const world = { relayOffset: 0, otherOffset: 0, hints: pass };
  /** How often the relay has read the feed, and how often it has looked whether the tenant is still served. */
  const done = { reads: 0, looks: 0 };
  const relayClock = () => Date.now() + world.relayOffset;
  const otherClock = () => Date.now() + world.otherOffset;
  const engine = createEmbeddedStore({ path: temporaryFolder(), clock: relayClock });
  const items: ItemStore = {
    ...engine,
    async transact(owner, operations) {
      const isHint = operations.some((one) => one.kind === 'put' && one.item.partition === feedPartition);
      for (const each of isHint ? world.hints(operations) : [operations]) {
        await engine.transact(owner, each);
      }
    },
  };
  const other = openProcess(items, otherClock);
  await makeTenant(other);
  await putDataplane(other, 'db-1', 'db', '10.0.0.1');
  await putDataplane(other, 'web-1', 'web', '10.0.1.1', ['db']);
  const watched: ItemStore = {
    ...engine,
    async query(owner, query) {
      const page = await engine.query(owner, query);
      done.reads += query.partition === feedPartition ? 1 : 0;
      return page;
    },
  };
  const own = openProcess(watched, relayClock);
  const lookup: typeof own.tenants.lookup = {
    ...own.tenants.lookup,
    async find(tenant) {
      const found = await own.tenants.lookup.find(tenant);
      done.looks += 1;
      return found;
    },
  };
  const tenants = { ...own.tenants, lookup };
  const relay = await openRelay('relay-1', { ...own, tenants }, relayClock);
  onTestFinished(async () => {
    await relay.stop();
    await engine.close();
  });
  const token = await tokenFor(other, 'web-1', otherClock);
  const connected = await connectProxy(relay, token, 'web-1');
  return { world, done, other, relay, token, proxy: connected, items: engine };
}

/** The same operations, each put at another time. */
function movedBy(milliseconds: number, operations: readonly Operation[]): readonly Operation[] {
  return operations.map((one) => {
    if (one.kind !== 'put') {
      return one;
    }
    const [time = '', ...id] = one.item.sort.split('/');
    const sort = [String(Number(time) + milliseconds).padStart(15, '0'), ...id].join('/');
    return { ...one, item: { ...one.item, sort } };
  });
}

const both = ['10.0.0.1', '10.0.0.2'];

describe('a feed', () => {
  it.concurrent(
    'that loses hints delays a change until the heads are looked at',
    patience,
    async (context) => {
      const { expect } = context;
      const { world, other, proxy } = await openWorld(context);
      world.hints = () => [];
      await putDataplane(other, 'db-2', 'db', '10.0.0.2');
      await expect.poll(() => proxy.endpoints('db'), soon).toStrictEqual(both);
    },
  );

  it.concurrent('that doubles hints tells each change once', patience, async (context) => {
    const { expect } = context;
    const { world, done, other, proxy } = await openWorld(context);
    world.hints = (operations) => [operations, movedBy(1, operations), movedBy(-200, operations)];
    const before = proxy.told;
    for (const n of [2, 3, 4]) {
      await putDataplane(other, `db-${n}`, 'db', `10.0.0.${n}`);
      await expect.poll(() => proxy.endpoints('db'), soon).toContain(`10.0.0.${n}`);
    }
    // The doubles have been read as well, and what was read before they were told has been told.
    const { reads } = done;
    await expect.poll(() => done.reads - reads, soon).toBeGreaterThanOrEqual(3);
    expect(proxy.told - before).toBe(3);
  });

  it.concurrent('that shows hints late, and in another order, loses no change', patience, async (context) => {
    const { expect } = context;
    const { world, other, proxy, items } = await openWorld(context);
    const held: (readonly Operation[])[] = [];
    world.hints = (operations) => {
      held.push(operations);
      return [];
    };
    await putDataplane(other, 'db-2', 'db', '10.0.0.2');
    await putDataplane(other, 'db-3', 'db', '10.0.0.3');
    for (const operations of held.reverse()) {
      await items.transact(':system', operations);
    }
    await expect.poll(() => proxy.endpoints('db'), soon).toStrictEqual([...both, '10.0.0.3']);
  });
});

describe('a clock that jumps', () => {
  const jumps = [
    { who: 'of the whole machine, an hour ahead', relayOffset: hour, otherOffset: hour },
    { who: 'of the whole machine, an hour back', relayOffset: -hour, otherOffset: -hour },
    { who: 'of the relay, an hour ahead', relayOffset: hour, otherOffset: 0 },
    { who: 'of the relay, an hour back', relayOffset: -hour, otherOffset: 0 },
    { who: 'of the other process, an hour ahead', relayOffset: 0, otherOffset: hour },
    { who: 'of the other process, an hour back', relayOffset: 0, otherOffset: -hour },
    { who: 'of the whole machine, by more than the log lives', relayOffset: 7 * hour, otherOffset: 7 * hour },
  ];
  it.concurrent.for(jumps)(
    '$who, ends no stream and delays no change for long',
    patience,
    async (jump, context) => {
      const { expect } = context;
      const { world, done, other, relay, token, proxy } = await openWorld(context);
      await putDataplane(other, 'db-2', 'db', '10.0.0.2');
      await expect.poll(() => proxy.endpoints('db'), soon).toStrictEqual(both);
      world.relayOffset = jump.relayOffset;
      world.otherOffset = jump.otherOffset;
      await putDataplane(other, 'db-3', 'db', '10.0.0.3');
      await expect.poll(() => proxy.endpoints('db'), soon).toStrictEqual([...both, '10.0.0.3']);
      await putDataplane(other, 'db-4', 'db', '10.0.0.4');
      await expect.poll(() => proxy.endpoints('db'), soon).toStrictEqual([...both, '10.0.0.3', '10.0.0.4']);
      // The credential of a stream is looked at once a second, by the clock and by the tenant.
      const { looks } = done;
      await expect.poll(() => done.looks - looks, soon).toBeGreaterThanOrEqual(2);
      expect(proxy.ended).toBeUndefined();
      // And back: the other way is a jump, too.
      world.relayOffset = 0;
      world.otherOffset = 0;
      await putDataplane(other, 'db-5', 'db', '10.0.0.5');
      await expect.poll(() => proxy.endpoints('db'), soon).toContain('10.0.0.5');
      const again = await connectProxy(relay, token, 'web-1');
      expect(again.endpoints('db')).toHaveLength(5);
      const isOpen = async () => {
        const insight = await other.insights.get(defaultTenant, 'default', 'web-1');
        return insight?.subscriptions.map(({ disconnectTime }) => disconnectTime === undefined);
      };
      await expect.poll(isOpen, soon).toStrictEqual([false, true]);
      await expect.poll(() => other.leases.list(), soon).toMatchObject([{ relay: 'relay-1' }]);
    },
  );
});
