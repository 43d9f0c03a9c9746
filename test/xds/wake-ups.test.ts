import { describe, it, type TestContext } from 'vitest';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { feedPartition } from '../../src/store/feed-items.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { createMemoryQueues } from '../store/support/memory-queues.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  connectProxy,
  makeTenant,
  openProcess,
  openRelay,
  putDataplane,
  tokenFor,
} from './support/process-world.ts';

const soon = { timeout: 60_000, interval: 20 };
const patience = { timeout: 120_000 };

/** A relay with a queue and another process, on a table whose feed and heads can be gone. */
async function openWorld({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const world = { hasFeed: true };
  const queues = createMemoryQueues();
  const engine = createEmbeddedStore({ path: temporaryFolder(), clock: Date.now });
  const items: ItemStore = {
    ...engine,
    async transact(owner, operations) {
      const isHint = operations.some((one) => one.kind === 'put' && one.item.partition === feedPartition);
      if (!isHint || world.hasFeed) {
        await engine.transact(owner, operations);
      }
    },
    peek: () => Promise.reject(new Error('heads are not looked at')),
  };
  const first = openProcess(items);
  await makeTenant(first);
  await putDataplane(first, 'db-1', 'db', '10.0.0.1');
  await putDataplane(first, 'web-1', 'web', '10.0.1.1', ['db']);
  const relay = await openRelay('relay-1', openProcess(items, Date.now, { queues, self: 'relay-1' }));
  onTestFinished(async () => {
    await relay.stop();
    await engine.close();
  });
  const proxy = await connectProxy(relay, await tokenFor(first, 'web-1'), 'web-1');
  // It looks who is to be told with its first commit, so it begins when the relay is there.
  const other = openProcess(items, Date.now, { queues });
  return Object.assign(world, { queues, items, relay, other, proxy });
}

describe('a relay that has a queue', () => {
  it.concurrent('is told of a commit by it alone', patience, async (context) => {
    const { expect } = context;
    const world = await openWorld(context);
    world.hasFeed = false;
    await putDataplane(world.other, 'db-2', 'db', '10.0.0.2');
    await expect.poll(() => world.proxy.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);
  });

  it.concurrent('takes what is told twice, and late, once', patience, async (context) => {
    const { expect } = context;
    const world = await openWorld(context);
    world.hasFeed = false;
    const late: string[] = [];
    world.queues.delivers = (text) => {
      late.unshift(text);
      return late.length < 3 ? [] : late.flatMap((one) => [one, one]);
    };
    const before = world.proxy.told;
    await putDataplane(world.other, 'db-2', 'db', '10.0.0.2');
    await putDataplane(world.other, 'db-3', 'db', '10.0.0.3');
    await putDataplane(world.other, 'db-4', 'db', '10.0.0.4');
    const all = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
    await expect.poll(() => world.proxy.endpoints('db'), soon).toStrictEqual(all);
    expect(world.proxy.told - before).toBe(1);
  });

  it.concurrent('finds in the feed what cannot be told, and no commit fails', patience, async (context) => {
    const { expect } = context;
    const world = await openWorld(context);
    world.queues.isBroken = true;
    await putDataplane(world.other, 'db-2', 'db', '10.0.0.2');
    await expect.poll(() => world.proxy.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);
  });

  it.concurrent('finds in the feed what is told by a queue that loses it', patience, async (context) => {
    const { expect } = context;
    const world = await openWorld(context);
    world.queues.delivers = () => [];
    await putDataplane(world.other, 'db-2', 'db', '10.0.0.2');
    await expect.poll(() => world.proxy.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);
  });

  it.concurrent('makes it anew where somebody has removed it', patience, async (context) => {
    const { expect } = context;
    const world = await openWorld(context);
    const [queue = ''] = world.queues.addresses();
    await world.queues.remove(queue);
    await putDataplane(world.other, 'db-2', 'db', '10.0.0.2');
    await expect.poll(() => world.proxy.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);
    await expect.poll(() => world.queues.addresses(), soon).toStrictEqual([queue]);
    world.hasFeed = false;
    await putDataplane(world.other, 'db-3', 'db', '10.0.0.3');
    await expect.poll(() => world.proxy.endpoints('db'), soon).toContain('10.0.0.3');
  });

  it.concurrent('has none any more when it has stopped, and its lease says so', patience, async (context) => {
    const { expect } = context;
    const world = await openWorld(context);
    expect(await world.other.leases.list()).toMatchObject([{ queue: world.queues.addresses()[0] }]);
    await world.relay.stop();
    expect(world.queues.addresses()).toStrictEqual([]);
    const [lease] = await world.other.leases.dead();
    expect(lease).toMatchObject({ relay: 'relay-1' });
    expect(lease).not.toHaveProperty('queue');
  });

  it.concurrent('leaves none behind where it could not write its lease', patience, async (context) => {
    const { expect } = context;
    const { items, queues } = await openWorld(context);
    const without: ItemStore = { ...items, transact: () => Promise.reject(new Error('the table is gone')) };
    const stores = openProcess(without, Date.now, { queues, self: 'relay-2' });
    const before = queues.addresses();
    await expect(openRelay('relay-2', stores)).rejects.toThrow('the table is gone');
    expect(queues.addresses()).toStrictEqual(before);
  });
});
