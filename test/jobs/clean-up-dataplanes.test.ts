import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores, type Stores } from '../../dev/server/stores.ts';
import { cleanUpDataplanes } from '../../src/jobs/clean-up-dataplanes.ts';
import { runJobs } from '../../src/jobs/schedule.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import type { Subscription } from '../../src/store/insights.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hour = 3_600_000;
const cleanUpAgeMs = 72 * hour;
const start = Date.UTC(2026, 0, 1);
const time = (milliseconds: number) => new Date(start + milliseconds).toISOString();

let stores: Stores;
beforeEach(async () => {
  const clock = () => start;
  stores = await openStores(temporaryFolder(), { clock, ids: randomUUID, logger: silentLogger });
  await stores.resources.commit(defaultTenant, [
    { kind: 'put', draft: { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} } },
  ]);
  await stores.leases.renew('alive', hour);
});
afterEach(() => stores.close());

async function proxy(
  name: string,
  ...subscriptions: readonly Pick<Subscription, 'controlPlaneInstanceId' | 'disconnectTime'>[]
) {
  const spec = {
    networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': name } }] },
  };
  const draft = { type: 'Dataplane', mesh: 'default', name, labels: {}, spec };
  await stores.resources.commit(defaultTenant, [{ kind: 'put', draft }]);
  if (subscriptions.length > 0) {
    await stores.insights.update(defaultTenant, 'default', name, () => ({
      subscriptions: subscriptions.map((one, index) => ({
        id: `${name}-${index}`,
        connectTime: time(0),
        stats: {},
        ...one,
      })),
    }));
  }
}

const run = (milliseconds: number) =>
  cleanUpDataplanes(
    { ...stores, logger: silentLogger, cleanUpAgeMs },
    defaultTenant,
    'default',
    start + milliseconds,
  );
const there = async (name: string) =>
  (await stores.resources.get(defaultTenant, { type: 'Dataplane', mesh: 'default', name })) !== undefined;
const lastOf = async (name: string) =>
  (await stores.insights.get(defaultTenant, 'default', name))?.subscriptions.at(-1);

describe('cleanUpDataplanes', () => {
  it('closes what a dead relay left open, and nothing else', async () => {
    await proxy('orphan', { controlPlaneInstanceId: 'dead' });
    await proxy('fine', { controlPlaneInstanceId: 'alive' });
    expect(await run(1_000)).toEqual({ closed: 1, deleted: 0 });
    expect((await lastOf('orphan'))?.disconnectTime).toBe(time(1_000));
    expect((await lastOf('fine'))?.disconnectTime).toBeUndefined();
  });

  it.each([
    { what: 'offline for long enough', at: cleanUpAgeMs, deleted: 1 },
    { what: 'offline for a moment less', at: cleanUpAgeMs - 1, deleted: 0 },
  ])('$what', async ({ at, deleted }) => {
    await proxy('gone', { controlPlaneInstanceId: 'alive', disconnectTime: time(0) });
    expect(await run(at)).toEqual({ closed: 0, deleted });
    expect(await there('gone')).toBe(deleted === 0);
    expect((await lastOf('gone')) === undefined).toBe(deleted === 1);
  });

  it('counts from the last of several streams, and leaves who is connected', async () => {
    const old = { controlPlaneInstanceId: 'alive', disconnectTime: time(0) };
    await proxy('twice', old, { controlPlaneInstanceId: 'alive', disconnectTime: time(hour) });
    await proxy('back', old, { controlPlaneInstanceId: 'alive' });
    expect(await run(cleanUpAgeMs)).toEqual({ closed: 0, deleted: 0 });
    expect(await run(cleanUpAgeMs + hour)).toEqual({ closed: 0, deleted: 1 });
    expect(await there('back')).toBe(true);
  });

  it('leaves a Dataplane whose proxy never connected', async () => {
    await proxy('prepared');
    await run(10 * cleanUpAgeMs);
    expect(await there('prepared')).toBe(true);
  });

  it('is done for every mesh of every tenant by the schedule', async () => {
    await proxy('gone', { controlPlaneInstanceId: 'alive', disconnectTime: time(0) });
    await runJobs({
      ...stores,
      cleanUpAgeMs,
      clock: () => start + cleanUpAgeMs,
      logger: silentLogger,
      tenants: () => Promise.resolve([defaultTenant]),
    });
    expect(await there('gone')).toBe(false);
  });
});
