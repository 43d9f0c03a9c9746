import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createFeed } from '../../src/store/create-feed.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import { createFeedPoller } from '../../src/xds/runtime/feed-poller.ts';
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

/** Tells, for several paces of polling, how long a hint takes from its writer to a relay, and what an idle relay reads for it. */
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
  await stop();
}
