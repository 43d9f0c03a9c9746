import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { typeUrls } from '../../compile/snapshot.ts';
import { KumulusError } from '../../model/errors.ts';
import { silentLogger } from '../../model/ports.ts';
import { tenantId } from '../../model/tenant.ts';
import { createInsights } from '../../store/create-insights.ts';
import { createEmbeddedStore } from '../../store/embedded/embedded-store.ts';
import type { Insights } from '../../store/insights.ts';
import type { ItemStore } from '../../store/port.ts';
import { createInsightRecorder, type InsightRecorder } from './insight-recorder.ts';

const tenant = tenantId('acme');
let now = Date.UTC(2026, 0, 1);
let folder: string;
let items: ItemStore;
let insights: Insights;
let recorder: InsightRecorder;
let entries = 0;
let failing = false;
/** What calls wait for before they go on, or fail. */
let held: Promise<void> = Promise.resolve();

/** The scope beside the meshes needs no mesh to be there. */
const open = (name = 'web-1', version: unknown = { kumaDp: { version: '2.13.10' } }) =>
  recorder.opened({ tenant, mesh: '', name, subscriptionId: `s-${now}`, version });
const last = async (name = 'web-1') => (await insights.get(tenant, '', name))?.subscriptions.at(-1);

beforeEach(() => {
  const clock = () => now;
  folder = mkdtempSync(join(tmpdir(), 'kumulus-recorder-'));
  items = createEmbeddedStore({ path: join(folder, 'store'), clock });
  entries = 0;
  failing = false;
  held = Promise.resolve();
  const counted: ItemStore = {
    ...items,
    async transact(owner, operations) {
      entries += 1;
      await held;
      if (failing) {
        throw new KumulusError('unavailable', 'the table is gone');
      }
      return items.transact(owner, operations);
    },
  };
  insights = createInsights({ items: counted, clock });
  // Nothing is written before it is told to.
  const later = { soonMs: 1_000_000, laterMs: 1_000_000, maxUnwritten: 3 };
  recorder = createInsightRecorder({ insights, clock, logger: silentLogger, relay: 'relay', ...later });
});

afterEach(async () => {
  await recorder.stop();
  await items.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('what streams do', () => {
  it('is refused until it is taken', async () => {
    const record = open();
    const refused = async () => {
      await recorder.flush();
      return (await last())?.refused;
    };
    record.sent(typeUrls.listener, 3, 100);
    expect(await refused()).toBeUndefined();
    record.rejected(typeUrls.listener, 'no such filter');
    record.rejected(typeUrls.cluster, 'no such cluster');
    expect(await refused()).toEqual(['cds', 'lds']);
    // What it takes of a type need not be what it refused of it.
    record.acknowledged(typeUrls.cluster, 4);
    record.answered(4, [typeUrls.cluster, typeUrls.listener]);
    expect(await refused()).toEqual(['cds', 'lds']);
    record.acknowledged(typeUrls.cluster, 5);
    record.answered(5, [typeUrls.listener]);
    expect(await refused()).toEqual(['lds']);
    record.acknowledged(typeUrls.listener, 6);
    record.answered(6, []);
    expect(await refused()).toBeUndefined();
    expect((await last())?.lastNack?.message).toBe('no such cluster');
  });

  it('is written at once for all proxies of a mesh', async () => {
    const names = Array.from({ length: 200 }, (_, n) => `web-${n}`);
    for (const name of names) open(name);
    await recorder.flush();
    expect(entries).toBe(1);
    expect(await insights.list(tenant, '')).toHaveLength(200);
  });

  it('closes what an earlier stream left open', async () => {
    open();
    await recorder.flush();
    now += 60_000;
    open();
    await recorder.flush();
    const subscriptions = (await insights.get(tenant, '', 'web-1'))?.subscriptions;
    expect(subscriptions?.map(({ disconnectTime }) => disconnectTime)).toEqual([
      new Date(now).toISOString(),
      undefined,
    ]);
  });

  it('is not written again when it ends after its proxy was deleted', async () => {
    const record = open();
    await recorder.flush();
    await insights.delete(tenant, '', 'web-1');
    record.closed();
    await recorder.flush();
    expect(await last()).toBeUndefined();
  });

  it('is written where it began and ended before anything was', async () => {
    open().closed();
    await recorder.flush();
    expect(await last()).toMatchObject({ disconnectTime: new Date(now).toISOString() });
  });

  it('is kept and written later where it could not be written', async () => {
    const record = open();
    failing = true;
    await recorder.flush();
    record.rejected(typeUrls.cluster, 'no such cluster');
    record.closed();
    await recorder.flush();
    const time = new Date(now).toISOString();
    now += 60_000;
    expect(await last()).toBeUndefined();
    failing = false;
    await recorder.flush();
    expect(await last()).toMatchObject({ disconnectTime: time, lastNack: { message: 'no such cluster' } });
    entries = 0;
    await recorder.flush();
    expect(entries).toBe(0);
  });

  it('of a newer stream stays, whichever of the two is written first', async () => {
    const older = open();
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    failing = true;
    const written = recorder.flush();
    await expect.poll(() => entries).toBe(1);
    now += 1_000;
    open();
    older.closed();
    release();
    await written;
    failing = false;
    await recorder.flush();
    const subscriptions = (await insights.get(tenant, '', 'web-1'))?.subscriptions;
    expect(subscriptions?.map(({ id, disconnectTime }) => [id, disconnectTime])).toEqual([
      [`s-${now - 1_000}`, new Date(now).toISOString()],
      [`s-${now}`, undefined],
    ]);
  });

  it('is kept for all that were open, and for the newest of those that came and went', async () => {
    const old = open('old');
    await recorder.flush();
    failing = true;
    old.closed();
    open('new');
    for (let n = 0; n < 5; n += 1) {
      open(`brief-${n}`).closed();
      await recorder.flush();
    }
    failing = false;
    await recorder.flush();
    expect((await insights.list(tenant, '')).map(({ name }) => name)).toEqual([
      'brief-2',
      'brief-3',
      'brief-4',
      'new',
      'old',
    ]);
    expect(await last('old')).toHaveProperty('disconnectTime');
  });

  it('is given up where it can never be written', async () => {
    const record = open();
    record.identity({
      certificateExpirationTime: 'x'.repeat(30_000),
      lastCertificateRegeneration: '',
      certificateRegenerations: 1,
      issuedBackend: 'ca-1',
      supportedBackends: [],
    });
    await recorder.flush();
    entries = 0;
    await recorder.flush();
    expect(entries).toBe(0);
    expect(await last()).toBeUndefined();
  });

  it('keeps no version that is too long', async () => {
    open('web-1', { dependencies: { x: 'y'.repeat(5_000) } });
    open('web-2');
    await recorder.flush();
    expect(await last()).not.toHaveProperty('version');
    expect(await last('web-2')).toHaveProperty('version');
  });
});
