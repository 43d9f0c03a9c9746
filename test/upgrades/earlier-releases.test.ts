import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { eventSchema, type KumulusEvent } from '../../src/events/event.ts';
import type { EventBus } from '../../src/events/event-bus.ts';
import { openLocalMasterKey } from '../../src/secrets/local-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { live, mesh, tenant } from './support/life.ts';
import { remembered, restore, type TableRecording } from './support/recording.ts';
import { seenIn } from './support/seen.ts';
import { openAllStores } from './support/stores.ts';

const folder = fileURLToPath(new URL('testdata', import.meta.url));
const fileOf = (release: string) => join(folder, `${release}.json`);
/** When recordings are made: any time, and always the same. */
const recordingTime = Date.UTC(2026, 0, 31, 12);

/** Of what was seen, the events that were not published: whose, and their ids. */
const leftEvents = z.object({ events: z.array(z.tuple([z.string(), z.array(z.string())])) });

/** An empty table at a time, with a master key of its own unless one is given. */
async function openTable(time: number, masterKey?: string) {
  const keyFile = join(temporaryFolder(), 'key.json');
  if (masterKey !== undefined) {
    writeFileSync(keyFile, masterKey, { mode: 0o600 });
  }
  const secretBox = createSecretBox({ master: await openLocalMasterKey(keyFile), clock: () => time });
  const items = createEmbeddedStore({ path: temporaryFolder(), clock: () => time });
  onTestFinished(() => items.close());
  const open = (table: ItemStore = items, bus?: EventBus) => openAllStores(table, secretBox, () => time, bus);
  return { items, open, keyFile };
}

/** Records what this release leaves and sees: once, before it is released. A recording is never made again. */
async function record(): Promise<TableRecording> {
  const { items, open, keyFile } = await openTable(recordingTime);
  const { store, recorded } = remembered(items);
  await live(open(store), () => recordingTime);
  const left = [...recorded()];
  return {
    time: recordingTime,
    masterKey: readFileSync(keyFile, 'utf8'),
    items: left,
    seen: await seenIn(open()),
  };
}

async function openRecording(release: string) {
  const recording = JSON.parse(readFileSync(fileOf(release), 'utf8')) as TableRecording;
  const { items, open } = await openTable(recording.time, recording.masterKey);
  await restore(items, recording.items);
  return { recording, items, open };
}

it(`has a recording of ${manifest.version}: UPDATE_GOLDENS=1 makes one where there is none`, async () => {
  const file = fileOf(manifest.version);
  if (process.env.UPDATE_GOLDENS === '1' && !existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${JSON.stringify(await record())}\n`);
  }
  expect(existsSync(file)).toBe(true);
});

const releases = existsSync(folder) ? readdirSync(folder).map((name) => name.replace(/\.json$/, '')) : [];

describe.each(releases)('a table that %s left', (release) => {
  it('reads as it did', async () => {
    const { recording, open } = await openRecording(release);
    expect(await seenIn(open())).toStrictEqual(recording.seen);
  });

  it('has its events published', async () => {
    const { recording, items, open } = await openRecording(release);
    const published: KumulusEvent[] = [];
    const { history } = open(items, { publish: async (events) => void published.push(...events) });
    await history.publisher?.sweep(0);
    expect(published.map((event) => eventSchema.parse(event))).toStrictEqual(published);
    const { events } = leftEvents.parse(recording.seen);
    expect(published.map(({ id }) => id).sort()).toStrictEqual(events.flatMap(([, ids]) => ids).sort());
    expect(published.length).toBeGreaterThan(0);
  });

  it('goes on where it was', async () => {
    const { open } = await openRecording(release);
    const { resources, insights, tenants } = open();
    const before = await resources.head(tenant, mesh);
    const draft = {
      type: 'MeshTimeout',
      mesh,
      name: 'slow',
      labels: {},
      spec: { targetRef: { kind: 'Mesh' } },
    };
    await resources.commit(tenant, [{ kind: 'put', draft, expect: { present: true } }]);
    await resources.fold(tenant, mesh);
    await insights.update(tenant, mesh, 'dp-8', (current) => ({
      subscriptions: (current?.subscriptions ?? []).map((one) => ({ ...one, acknowledgedRevision: 9 })),
    }));
    await insights.idle();
    await tenants.directory.update(tenant, (current) => ({ ...current, displayName: 'ACME' }));

    const anew = open();
    expect(await anew.resources.head(tenant, mesh)).toMatchObject({
      revision: before.revision + 1,
      snapshotRevision: before.revision + 1,
      counts: before.counts,
    });
    const { resources: held } = await anew.resources.load(tenant, mesh);
    expect(held.find(({ name }) => name === 'slow')?.spec).toStrictEqual(draft.spec);
    const known = await anew.insights.get(tenant, mesh, 'dp-8');
    expect(known?.subscriptions.map(({ acknowledgedRevision }) => acknowledgedRevision)).toStrictEqual([9]);
    expect(await anew.tenants.directory.get(tenant)).toMatchObject({ displayName: 'ACME', state: 'active' });
  });
});
