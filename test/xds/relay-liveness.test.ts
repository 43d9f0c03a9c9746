import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { runJobs } from '../../src/jobs/schedule.ts';
import { livenessSettings } from '../../src/model/liveness-settings.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import type { ProxySession } from '../../src/xds/session.ts';
import { dataplane, type RelayWorld, relayWorld } from './relay-world.ts';

const liveness = livenessSettings({});
const { dataplaneIdleTimeoutMs: idle, dataplaneCleanupAgeMs: age } = liveness;

let world: RelayWorld;
afterEach(() => world.close());

const key = { type: 'Dataplane', mesh: 'default', name: 'web-1' };
const isThere = async () => (await world.stores.resources.get(defaultTenant, key)) !== undefined;
const insight = () => world.stores.insights.get(defaultTenant, 'default', 'web-1');
const isOpen = async () =>
  (await insight())?.subscriptions.some(({ disconnectTime }) => disconnectTime === undefined) ?? false;

/** Runs the jobs as of then. */
async function jobs(after: number): Promise<void> {
  world.pass(after);
  const clock = world.now;
  await runJobs({
    ...world.stores,
    clock,
    logger: silentLogger,
    liveness,
    careFor: () => Promise.resolve('active'),
  });
}

type Mode = 'direct' | 'indirect';

async function open(mode: Mode): Promise<ProxySession> {
  const own = dataplane('web-1', 'web', '10.0.0.1');
  if (mode === 'indirect') {
    const { type, mesh, name, ...spec } = own as Readonly<Record<'type' | 'mesh' | 'name', string>>;
    await world.stores.resources.commit(defaultTenant, [
      { kind: 'put', draft: { type, mesh, name, labels: {}, spec } },
    ]);
  }
  const token = await world.token('web-1');
  const session = await world.relay.open(world.hello('web-1', token, mode === 'direct' ? own : undefined));
  await expect.poll(isOpen).toBe(true);
  return session;
}

/** How a proxy's stream can end. */
const ends = {
  'the proxy leaves': async (session: ProxySession) => session.close(() => 'left'),
  'the proxy is lost': async (session: ProxySession) => session.close(() => 'lost'),
  async 'the relay stops'(session: ProxySession) {
    world.relay.drain();
    session.close(() => 'lost');
    await world.relay.stop();
  },
  /** Nothing is written any more, nor the lease renewed. */
  'the relay is killed': async () => {},
} as const;

interface Row {
  readonly end: keyof typeof ends;
  readonly mode: Mode;
  /** Whether the insight says so as soon as the relay can write it. */
  readonly closedAtOnce: boolean;
  /** Whether its Dataplane is deleted without waiting for the age. */
  readonly deletedSoon: boolean;
}

const table: readonly Row[] = [
  { mode: 'direct', end: 'the proxy leaves', closedAtOnce: true, deletedSoon: true },
  { mode: 'direct', end: 'the proxy is lost', closedAtOnce: true, deletedSoon: false },
  { mode: 'direct', end: 'the relay stops', closedAtOnce: true, deletedSoon: false },
  { mode: 'direct', end: 'the relay is killed', closedAtOnce: false, deletedSoon: false },
  { mode: 'indirect', end: 'the proxy leaves', closedAtOnce: true, deletedSoon: false },
  { mode: 'indirect', end: 'the proxy is lost', closedAtOnce: true, deletedSoon: false },
  { mode: 'indirect', end: 'the relay stops', closedAtOnce: true, deletedSoon: false },
  { mode: 'indirect', end: 'the relay is killed', closedAtOnce: false, deletedSoon: false },
];

describe('a proxy that does not come back', () => {
  it.each(table)('$mode, $end', async ({ mode, end, closedAtOnce, deletedSoon }) => {
    world = await relayWorld();
    const session = await open(mode);
    await ends[end](session);
    if (deletedSoon) {
      await expect.poll(isThere).toBe(false);
      await expect.poll(insight).toBeUndefined();
      return;
    }
    if (closedAtOnce) {
      await expect.poll(isOpen).toBe(false);
    }
    await jobs(idle + 60_000);
    expect([await isThere(), await isOpen()]).toEqual([true, false]);
    await jobs(age - idle - 2 * 60_000);
    expect(await isThere()).toBe(true);
    await jobs(2 * 60_000);
    expect([await isThere(), await insight()]).toEqual([false, undefined]);
  });
});

describe('a proxy that left', () => {
  it.each(['stops', 'is killed'] as const)(
    'has its Dataplane deleted by the job where its relay %s before it can',
    async (how) => {
      world = await relayWorld({ deregistrationDelayMs: 60_000 });
      (await open('direct')).close(() => 'left');
      await expect.poll(isOpen).toBe(false);
      if (how === 'stops') {
        world.relay.drain();
        await world.relay.stop();
      }
      await jobs(39_000);
      expect(await isThere()).toBe(true);
      await jobs(3_000);
      expect(await isThere()).toBe(false);
    },
  );

  it('goes with those that left at the same time, by one commit', async () => {
    world = await relayWorld({ deregistrationDelayMs: 1_000 });
    const { resources, insights } = world.stores;
    const names = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'];
    const sessions = await Promise.all(
      names.map(async (name, at) => {
        const own = dataplane(name, 'web', `10.0.0.${at}`);
        return world.relay.open(world.hello(name, await world.token(name), own));
      }),
    );
    const written = async () => (await insights.pick(defaultTenant, 'default', names)).size;
    await expect.poll(written).toBe(5);
    const { revision } = await resources.head(defaultTenant, 'default');
    for (const session of sessions) {
      session.close(() => 'left');
    }
    // Who is back before it is done is left out.
    const back = dataplane('web-5', 'web', '10.0.0.4');
    await world.relay.open(world.hello('web-5', await world.token('web-5'), back));
    await expect.poll(written, { timeout: 10_000 }).toBe(1);
    expect((await resources.head(defaultTenant, 'default')).revision).toBe(revision + 1);
    expect(
      await resources.get(defaultTenant, { type: 'Dataplane', mesh: 'default', name: 'web-5' }),
    ).toBeDefined();
    expect(await isThere()).toBe(false);
  });

  it('keeps it where it is back at another relay', async () => {
    world = await relayWorld({ deregistrationDelayMs: 60_000 });
    (await open('direct')).close(() => 'left');
    await expect.poll(isOpen).toBe(false);
    const other = await world.anotherRelay();
    const own = dataplane('web-1', 'web', '10.0.0.1');
    await other.open(world.hello('web-1', await world.token('web-1'), own));
    await expect.poll(isOpen).toBe(true);
    await jobs(60_000);
    expect([await isThere(), await isOpen()]).toEqual([true, true]);
  });
});

describe('a proxy that left and wants to come back', () => {
  const own = dataplane('web-1', 'web', '10.0.0.1');

  it('finds its Dataplane while there is a crowd at the door', async () => {
    let looks = 0;
    const crowdIsGone = 3;
    world = await relayWorld({ isCrowded: () => ++looks < crowdIsGone, deregistrationDelayMs: 20 });
    const seen: boolean[] = [];
    (await open('direct')).close(() => 'left');
    while (looks < crowdIsGone - 1) {
      seen.push(await isThere());
      await setImmediate();
    }
    expect(seen.slice(0, -1)).not.toContain(false);
    await expect.poll(isThere).toBe(false);
    expect(looks).toBe(crowdIsGone);
  });

  it('cannot count on a crowd that stays', async () => {
    let looks = 0;
    world = await relayWorld({ isCrowded: () => ++looks > 0 });
    (await open('direct')).close(() => 'left');
    await expect.poll(isThere).toBe(false);
    expect(looks).toBe(3);
  });

  it('keeps it from when it knocks, and not where it is refused', async () => {
    world = await relayWorld({ deregistrationDelayMs: 300 });
    (await open('direct')).close(() => 'left');
    const token = await world.token('web-1');
    const refused = world.relay.open(world.hello('web-1', token, dataplane('web-2', 'web', '10.0.0.1')));
    await expect(refused).rejects.toMatchObject({ code: 'invalid' });
    expect(await isThere()).toBe(true);
    await expect.poll(isThere).toBe(false);
    const back = await world.relay.open(world.hello('web-1', token, own));
    back.close(() => 'left');
    const again = await world.relay.open(world.hello('web-1', token, own));
    expect(again.snapshot?.revision).toBeGreaterThan(0);
    expect(await isThere()).toBe(true);
  });
});

it('a Dataplane is never there without a sign of the relay that wrote it', async () => {
  world = await relayWorld();
  const { resources } = world.stores;
  const seen: boolean[] = [];
  const stop = resources.onCommit(() => void isOpen().then((open) => seen.push(open)));
  await open('direct');
  stop();
  expect(seen[0]).toBe(true);
});
