import { expect, it } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import { createInsights } from '../../src/store/create-insights.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { InsightContent } from '../../src/store/insights.ts';
import { jobsWorld } from '../jobs/support/jobs-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const tenant = tenantId('acme');
/** A short ring, so that writers meet one that is full. */
const places = 16;

/** Some bytes, so that there are pieces to choose from. */
function content(marker: number): InsightContent {
  const metadata = { marker, filling: String(marker % 10).repeat(6_000) };
  return { subscriptions: [], metadata };
}

it('those who read only what they change and those who hold the mesh write one history', async () => {
  const items = createEmbeddedStore({ path: temporaryFolder(), clock: Date.now });
  await jobsWorld({ items, tenant, now: Date.now }).mesh('default');
  const open = (isSparse: boolean) => createInsights({ items, clock: Date.now, places, isSparse });
  const holder = open(false);
  const names = Array.from({ length: 150 }, (_, at) => `proxy-${at}`);
  const model = new Map<string, number>();
  await Promise.all(
    names.map((name, at) => {
      model.set(name, at);
      return holder.update(tenant, 'default', name, () => content(at));
    }),
  );
  // A linear congruential generator: the same run each time.
  let state = 7;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % below;
  };
  let sparse = open(true);
  for (let step = 0; step < 200; step += 1) {
    if (step % 20 === 0) {
      sparse = open(true);
    }
    const writer = random(4) === 0 ? holder : sparse;
    const chosen = [
      ...new Set(Array.from({ length: 1 + random(3) }, () => names[random(names.length)] ?? '')),
    ];
    const picked = await writer.pick(tenant, 'default', chosen);
    expect(chosen.map((name) => picked.get(name)?.metadata)).toEqual(
      chosen.map((name) => {
        const marker = model.get(name);
        return marker === undefined ? undefined : content(marker).metadata;
      }),
    );
    await Promise.all(
      chosen.map((name) => {
        if (random(5) === 0) {
          model.delete(name);
          return writer.delete(tenant, 'default', name);
        }
        model.set(name, step);
        return writer.update(tenant, 'default', name, () => content(step));
      }),
    );
  }
  // And without anybody who holds the mesh, beyond the end of the ring and more than once around.
  for (let step = 200; step < 250; step += 1) {
    const name = names[random(names.length)] ?? '';
    model.set(name, step);
    await open(true).update(tenant, 'default', name, () => content(step));
  }
  const all = await open(false).list(tenant, 'default');
  expect(all.map(({ name, metadata }) => [name, metadata])).toEqual(
    [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, marker]) => [name, content(marker).metadata]),
  );
  await items.close();
});

it('a deletion that is bound to what was seen leaves what is newer', async () => {
  const items = createEmbeddedStore({ path: temporaryFolder(), clock: Date.now });
  await jobsWorld({ items, tenant, now: Date.now }).mesh('default');
  const [one, other] = [1, 2].map(() => createInsights({ items, clock: Date.now, isSparse: true }));
  const isFirst = (current: { readonly metadata?: unknown }) =>
    JSON.stringify(current.metadata) === '"first"';
  await one?.update(tenant, 'default', 'web-1', () => ({ subscriptions: [], metadata: 'first' }));
  await other?.update(tenant, 'default', 'web-1', () => ({ subscriptions: [], metadata: 'second' }));
  await one?.delete(tenant, 'default', 'web-1', isFirst);
  expect((await one?.get(tenant, 'default', 'web-1'))?.metadata).toBe('second');
  await one?.update(tenant, 'default', 'web-1', () => ({ subscriptions: [], metadata: 'first' }));
  await other?.delete(tenant, 'default', 'web-1', isFirst);
  expect(await one?.get(tenant, 'default', 'web-1')).toBeUndefined();
  await items.close();
});
