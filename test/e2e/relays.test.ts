import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { type RelayProcess, useCloud } from './cloud.ts';
import { ask, createMesh } from './mesh.ts';
import { playProxies } from './played-proxies.ts';

/** Over how long a relay that is told to stop sends its proxies away. */
const drainMs = 5_000;
const cloud = useCloud({
  relays: {
    KUMULUS_DRAIN_TIME: String(drainMs / 1_000),
    KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '1s',
  },
});
/** Far above what it takes, for machines that are busy. */
const soon = { timeout: 30_000, interval: 50 };

const subscriptionSchema = z.object({
  controlPlaneInstanceId: z.string(),
  connectTime: z.string().transform(Date.parse),
  disconnectTime: z.string().transform(Date.parse).optional(),
});
const overviewsSchema = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      creationTime: z.string(),
      modificationTime: z.string(),
      dataplaneInsight: z.object({ subscriptions: z.array(subscriptionSchema).default([]) }).optional(),
    }),
  ),
});
const propagationSchema = z.object({
  head: z.number(),
  complete: z.boolean(),
  proxies: z.object({ connected: z.number(), have: z.number(), offline: z.number() }),
});

type Subscription = z.output<typeof subscriptionSchema>;

/** What is known of a proxy: when it came and was last written, and its streams, the newest last. */
interface Known {
  readonly times: { readonly creationTime: string; readonly modificationTime: string };
  readonly subscriptions: readonly Subscription[];
}

const open = ({ subscriptions }: Known): readonly Subscription[] =>
  subscriptions.filter(({ disconnectTime }) => disconnectTime === undefined);

/** Of each proxy of the mesh. */
async function overviews(mesh: string): Promise<ReadonlyMap<string, Known>> {
  const page = await cloud().get(`/meshes/${mesh}/dataplanes/_overview?size=1000`);
  return new Map(
    overviewsSchema
      .parse(page)
      .items.map(({ name, dataplaneInsight, ...times }) => [
        name,
        { times, subscriptions: dataplaneInsight?.subscriptions ?? [] },
      ]),
  );
}

const propagation = async (mesh: string) =>
  propagationSchema.parse(await cloud().get(`/meshes/${mesh}/_propagation`));

/** At which relay each proxy is, once each has one stream. */
async function places(mesh: string, count: number): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const placed = async () => {
    found.clear();
    for (const [name, known] of await overviews(mesh)) {
      const [only, ...others] = open(known);
      if (only !== undefined && others.length === 0) {
        found.set(name, only.controlPlaneInstanceId);
      }
    }
    return found.size;
  };
  await expect.poll(placed, soon).toBe(count);
  return found;
}

/** Does something again and again until it is told to stop; that gives the results. */
function keepOn<Result>(everyMs: number, work: () => Promise<Result>) {
  const results: Result[] = [];
  let stopped = false;
  const working = (async () => {
    while (!stopped) {
      results.push(await work());
      await sleep(everyMs);
    }
  })();
  onTestFinished(() => {
    stopped = true;
  });
  return async () => {
    stopped = true;
    await working;
    return results;
  };
}

/**
 * Holds what is written of proxies that a relay sent away against what it promises: the k-th of n goes when k−1 n-ths of
 * the time are over, so none comes to the others before that, whatever the machine does meanwhile; and they come while
 * others are still there, not all in the end.
 *
 * @param streams how many the relay had, those of others included.
 */
function expectEvenArrivals(
  moved: readonly (readonly [from: Subscription, to: Subscription])[],
  told: number,
  streams: number,
): void {
  const gone = moved.map(([from]) => from.disconnectTime ?? Number.NaN).sort((a, b) => a - b);
  const come = moved.map(([, to]) => to.connectTime).sort((a, b) => a - b);
  const early = come.flatMap((time, at) => {
    // Timers are up to a millisecond early, and times are cut to milliseconds.
    const least = (drainMs * at) / streams - 10;
    return time - told < least ? [`the ${at + 1}. came after ${time - told} ms, not ${least}`] : [];
  });
  expect(early).toEqual([]);
  // Who was told to go and is not yet at another relay: few at any time, where they go one by one.
  const onTheWay = gone.map((time, at) => at + 1 - come.filter((arrival) => arrival <= time).length);
  expect(Math.max(...onTheWay)).toBeLessThan(moved.length / 2);
}

describe('four relays on one table', () => {
  it('serve every proxy, and lose none and no request when one drains, another is killed and a new one comes', {
    timeout: 180_000,
  }, async () => {
    const startRelays = (count: number) =>
      Promise.all(Array.from({ length: count }, () => cloud().startRelay()));
    const relays = await startRelays(4);
    const [first, second, ...others] = relays as [RelayProcess, RelayProcess, ...RelayProcess[]];
    const mesh = await createMesh(cloud());
    await mesh.allow('web', 'echo');

    // The client's Envoy is at the relay that drains, the server's at the one that is killed.
    cloud().serveBy(first);
    const client = await mesh.startProxy({
      ...{ name: 'web-1', service: 'web', workload: 1 },
      outbounds: ['echo'],
    });
    cloud().serveBy(second);
    await mesh.startEcho('echo-1', 'echo');
    const port = client.outbound('echo');
    await expect.poll(async () => (await ask(port)).status, soon).toBe(200);
    const stopAsking = keepOn(20, async () => (await ask(port)).status);

    cloud().serveBy(...relays);
    const { head } = await propagation(mesh.name);
    const fleet = await playProxies(cloud(), { mesh: mesh.name, proxies: 220, services: 40, outbounds: 1 });
    await fleet.come(0, 200);
    expect(fleet.lost).toBe(0);
    const came = await propagation(mesh.name);
    // Registrations are grouped, at each relay and by contention between them.
    expect(came.head - head).toBeLessThan(100);
    const before = await places(mesh.name, 202);
    const started = await overviews(mesh.name);
    const [draining, killed] = [before.get('web-1') ?? '', before.get('echo-1') ?? ''];
    const residents = (relay: string) => fleet.names.filter((name) => before.get(name) === relay);
    expect(new Set(before.values()).size).toBe(4);
    // However they move, each of them counts once at any time.
    const stopCounting = keepOn(50, async () => (await propagation(mesh.name)).proxies.connected);

    const told = Date.now();
    first.child.kill('SIGTERM');
    expect(await first.child.ended).toBe(0);
    const after = await places(mesh.name, 202);
    expect(fleet.lost).toBe(residents(draining).length);
    const drained = await overviews(mesh.name);
    const moved = residents(draining).map((name) => {
      const subscriptions = drained.get(name)?.subscriptions ?? [];
      const [from, to] = subscriptions;
      if (from === undefined || to === undefined || subscriptions.length > 2) {
        throw new Error(`${name} had ${subscriptions.length} streams`);
      }
      return [from, to] as const;
    });
    // Theirs and the client's.
    expectEvenArrivals(moved, told, moved.length + 1);
    const arrivals = [...new Set(moved.map(([, to]) => to.controlPlaneInstanceId))];
    expect(arrivals.sort()).toEqual([...new Set(before.values())].filter((id) => id !== draining).sort());

    second.child.kill('SIGKILL');
    await second.child.ended;
    const gone = [...after].flatMap(([name, relay]) => (relay === killed ? [name] : []));
    const back = async () => {
      const now = await overviews(mesh.name);
      return gone.filter((name) => {
        const known = now.get(name);
        return known === undefined || open(known).some((one) => one.controlPlaneInstanceId === killed);
      });
    };
    await expect.poll(back, soon).toEqual([]);
    expect(Math.max(...(await stopCounting()))).toBe(202);

    const fifth = await cloud().startRelay();
    cloud().serveBy(...others, fifth);
    await fleet.come(200, 220);
    const other = await mesh.startEcho('echo-2', 'echo');
    const relaysNow = new Set((await places(mesh.name, 223)).values());
    expect(relaysNow.has(draining) || relaysNow.has(killed)).toBe(false);
    expect(relaysNow.size).toBe(3);

    // What is new reaches all of them: those that moved are served.
    const instances = new Set<string | undefined>();
    const bothAnswer = async () => {
      instances.add((await ask(port)).echo?.instance);
      return [...instances].sort();
    };
    await expect.poll(bothAnswer, soon).toEqual(['echo-1', 'echo-2']);
    await mesh.allow('service-1', 'service-2');
    await expect
      .poll(() => propagation(mesh.name), soon)
      .toMatchObject({ complete: true, proxies: { connected: 223, have: 223, offline: 0 } });

    // Nobody was registered anew, and nobody deleted.
    const ended = await overviews(mesh.name);
    for (const [name, { times }] of started) {
      expect({ name, ...ended.get(name)?.times }).toEqual({ name, ...times });
    }
    const statuses = await stopAsking();
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(statuses.length).toBeGreaterThan(100);

    other.child.kill('SIGTERM');
    await other.child.ended;
    expect(cloud().refused()).toEqual([]);
  });
});
