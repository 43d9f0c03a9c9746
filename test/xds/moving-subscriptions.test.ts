import { beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createInsights } from '../../src/store/create-insights.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Insights } from '../../src/store/insights.ts';
import { createInsightRecorder } from '../../src/xds/runtime/insight-recorder.ts';
import { jobsWorld } from '../jobs/support/jobs-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/*
 * A proxy has one live stream. What two relays write of it, in whatever order it arrives, must end with the newer one open
 * and the older one closed.
 */

const tenant = tenantId('acme');
let now = Date.UTC(2026, 0, 1);
let insights: Insights;

beforeEach(async () => {
  const items = createEmbeddedStore({ path: temporaryFolder(), clock: () => now });
  await jobsWorld({ items, tenant, now: () => now }).mesh('default');
  insights = createInsights({ items, clock: () => now });
});

/** A relay whose writes wait until the test flushes them. */
function relay(id: string) {
  const recorder = createInsightRecorder({
    insights,
    clock: () => now,
    logger: silentLogger,
    relay: id,
    soonMs: 3_600_000,
    laterMs: 3_600_000,
  });
  let superseded = 0;
  let count = 0;
  return {
    recorder,
    superseded: () => superseded,
    open() {
      now += 1_000;
      count += 1;
      return recorder.opened({
        tenant,
        mesh: 'default',
        name: 'web-1',
        subscriptionId: `${id}-${count}`,
        version: undefined,
        onSuperseded: () => (superseded += 1),
      });
    },
  };
}

const subscriptions = async () =>
  (await insights.get(tenant, 'default', 'web-1'))?.subscriptions.map(({ id, disconnectTime }) => [
    id,
    disconnectTime === undefined ? 'open' : 'closed',
  ]);

it('the older stream is closed when the newer one is written', async () => {
  const [a, b] = [relay('a'), relay('b')];
  a.open();
  await a.recorder.flush();
  b.open();
  await b.recorder.flush();
  expect(await subscriptions()).toEqual([
    ['a-1', 'closed'],
    ['b-1', 'open'],
  ]);
  expect([a.superseded(), b.superseded()]).toEqual([0, 0]);
});

it('the older stream is written late: it is closed, and its relay is told', async () => {
  const [a, b] = [relay('a'), relay('b')];
  a.open();
  b.open();
  await b.recorder.flush();
  await a.recorder.flush();
  expect(await subscriptions()).toEqual([
    ['a-1', 'closed'],
    ['b-1', 'open'],
  ]);
  expect([a.superseded(), b.superseded()]).toEqual([1, 0]);
});

it('the older stream goes on to be written: it stays closed, and its relay is told', async () => {
  const [a, b] = [relay('a'), relay('b')];
  const older = a.open();
  await a.recorder.flush();
  b.open();
  await b.recorder.flush();
  older.identity(undefined);
  await a.recorder.flush();
  expect(await subscriptions()).toEqual([
    ['a-1', 'closed'],
    ['b-1', 'open'],
  ]);
  expect(a.superseded()).toBe(1);
  older.closed();
  await a.recorder.flush();
  expect(a.superseded()).toBe(1);
});

it('a proxy that moved and came back is where it was last', async () => {
  const [a, b] = [relay('a'), relay('b')];
  const first = a.open();
  await a.recorder.flush();
  const second = b.open();
  await b.recorder.flush();
  a.open();
  second.closed();
  first.closed();
  await b.recorder.flush();
  await a.recorder.flush();
  expect((await subscriptions())?.filter(([, state]) => state === 'open')).toEqual([['a-2', 'open']]);
});

it('streams that began anew take the place of their own, not of newer ones elsewhere', async () => {
  const [a, b] = [relay('a'), relay('b')];
  a.open();
  await a.recorder.flush();
  b.open();
  await b.recorder.flush();
  now += 1_000;
  a.recorder.renew(() => 'a-anew');
  b.recorder.renew(() => 'b-anew');
  await a.recorder.flush();
  await b.recorder.flush();
  expect((await subscriptions())?.filter(([, state]) => state === 'open')).toEqual([['b-anew', 'open']]);
  expect([a.superseded(), b.superseded()]).toEqual([1, 0]);
});
