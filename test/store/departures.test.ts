import { expect, it } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import { createDepartures, enterDeparture } from '../../src/store/create-departures.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const tenant = tenantId('acme');

async function open(entries: number) {
  const engine = createEmbeddedStore({ path: temporaryFolder(), clock: Date.now });
  const operations = Array.from({ length: entries }, (_, at) => {
    const names = [`p-${at + 1}`, 'ü/"'];
    const time = (at + 1) * 10;
    return enterDeparture({ list: 'offline', tenant, mesh: 'a/b', time, names, revision: at + 1 });
  });
  while (operations.length > 0) {
    await engine.transact(tenant, operations.splice(0, 100));
  }
  const read: number[] = [];
  const items: ItemStore = {
    ...engine,
    async query(owner, query) {
      const page = await engine.query(owner, query);
      read.push(page.items.length);
      return page;
    },
  };
  const departures = createDepartures(items);
  const until = async (time: number) => {
    const found: number[] = [];
    for await (const page of departures.entries('offline', time)) {
      found.push(...page.map((one) => one.time));
    }
    return found;
  };
  return { departures, until, read, close: engine.close };
}

it.each([
  { time: 9, found: 0 },
  { time: 10, found: 1 },
  { time: 29.5, found: 2 },
  { time: 3_000, found: 300 },
  { time: 1e15, found: 320 },
])('finds the $found entries until $time, in their order', async ({ time, found }) => {
  const { until, close } = await open(320);
  expect(await until(time)).toEqual(Array.from({ length: found }, (_, at) => (at + 1) * 10));
  await close();
});

it('reads two items and no more where nothing is due, whatever is entered', async () => {
  const { until, read, close } = await open(320);
  await until(5);
  expect(read.reduce((sum, count) => sum + count, 0)).toBe(2);
  await close();
});

it('keeps what an entry says, moves it to another time, and takes it off', async () => {
  const { departures, until, close } = await open(1);
  const first = async (time: number) => {
    for await (const [entry] of departures.entries('offline', time)) {
      if (entry !== undefined) {
        return entry;
      }
    }
    throw new Error('there is an entry');
  };
  const entry = await first(10);
  expect(entry).toMatchObject({ tenant, mesh: 'a/b', names: ['p-1', 'ü/"'], time: 10 });
  await departures.postpone(entry, 50);
  expect([await until(49), await until(50)]).toEqual([[], [50]]);
  const moved = await first(50);
  expect(moved.names).toEqual(entry.names);
  await departures.postpone(moved, 50);
  expect(await until(50)).toEqual([50]);
  await departures.settle(moved);
  expect(await until(1e15)).toEqual([]);
  await close();
});
