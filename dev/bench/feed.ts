import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { cloudQueues } from '../../functions/queues.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createFeed } from '../../src/store/create-feed.ts';
import { createLeases } from '../../src/store/create-leases.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { createWakeUps } from '../../src/store/wake-ups.ts';
import { createFeedPoller } from '../../src/xds/runtime/feed-poller.ts';
import { openHintInbox } from '../../src/xds/runtime/hint-inbox.ts';
import { startMinistack } from '../ministack.ts';
import { createCapacity } from './capacity.ts';
import { cloudEnvironment } from './cloud.ts';
import { startMeter } from './meter.ts';
import { summary } from './stats.ts';

const tenant = tenantId('bench');

/** Dollars for a million read units on demand in us-east-1, and seconds of a month. */
const dollarsPerMillion = 0.125;
const monthSeconds = 730 * 3_600;
const paces = [25, 50, 100, 200, 500, 1_000];
const hints = 40;
const idleMs = 5_000;

/** Tells how long a hint takes from its writer to a relay by the relay's queue. ministack looks ten times a second whether a message has come. */
async function benchQueue(endpoint: string, table: string, print: (line: string) => void): Promise<void> {
  const items = createDynamoStore({ table, endpoint });
  const queues = cloudQueues(endpoint);
  const leases = createLeases({ items, clock: Date.now });
  const wakeUps = createWakeUps({ queues, leases, clock: Date.now, logger: silentLogger });
  const writer = createFeed({ items, clock: Date.now, ids: randomUUID, wakeUps });
  const times: number[] = [];
  const sends: number[] = [];
  let sent = 0;
  let arrive = () => {};
  const inbox = await openHintInbox({
    queues,
    name: 'kumulus-bench-relay-1',
    logger: silentLogger,
    onDistrust() {},
    onHint() {
      times.push(performance.now() - sent);
      arrive();
    },
  });
  await leases.renew('relay', monthSeconds, inbox.queue);
  for (let revision = 1; revision <= hints; revision += 1) {
    await sleep(200 * (0.5 + Math.random()));
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    sent = performance.now();
    await writer.publish([{ tenant, mesh: 'default', revision }]);
    sends.push(performance.now() - sent);
    await arrived;
  }
  await inbox.close();
  await items.close();
  print(`by a queue     ${summary(times)}; the writer waits ${summary(sends)}`);
}

/** Tells, for several paces of polling, how long a hint takes from its writer to a relay, and what an idle relay reads for it; and by a queue. */
export async function benchFeed(print: (line: string) => void): Promise<void> {
  const { endpoint, stop } = await startMinistack();
  const { KUMULUS_TABLE: table } = await cloudEnvironment(endpoint);
  const open = (at: string) => createDynamoStore({ table, endpoint: at });
  const items = open(endpoint);
  const writer = createFeed({ items, clock: Date.now, ids: randomUUID });
  for (const paceMs of paces) {
    const meter = await startMeter(endpoint, createCapacity());
    const metered = open(meter.endpoint);
    const sent = new Map<number, number>();
    const times: number[] = [];
    const poller = createFeedPoller({
      feed: createFeed({ items: metered, clock: Date.now, ids: randomUUID }),
      held: () => 1,
      onHint({ revision }) {
        times.push(performance.now() - (sent.get(revision) ?? Number.NaN));
        return true;
      },
      logger: silentLogger,
      shortestMs: paceMs,
      longestMs: paceMs,
    });
    for (let revision = 1; revision <= hints; revision += 1) {
      await sleep(paceMs * (0.5 + Math.random()));
      sent.set(revision, performance.now());
      await writer.publish([{ tenant, mesh: 'default', revision }]);
    }
    await sleep(idleMs + 2 * paceMs);
    const before = meter.read();
    await sleep(idleMs);
    const after = meter.read();
    poller.stop();
    await metered.close();
    await meter.stop();
    const perSecond = ((after.reads - before.reads) * 1_000) / idleMs;
    const dollars = (perSecond * monthSeconds * dollarsPerMillion) / 1e6;
    print(
      `every ${String(paceMs).padStart(4)} ms  ${summary(times)}; idle ${perSecond.toFixed(1)} read units a second, $${dollars.toFixed(2)} a month`,
    );
  }
  await items.close();
  await benchQueue(endpoint, table, print);
  await stop();
}
