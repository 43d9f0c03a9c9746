import { setTimeout as sleep } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { ClusterSchema } from '../../src/envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import type { DeltaDiscoveryResponse } from '../../src/envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import type { ControlPlane } from './control-plane.ts';
import { configured, connect, type FleetShape, seats } from './fleet.ts';
import type { FleetProxy } from './proxy.ts';
import { summary } from './stats.ts';
import { spent, usageOf } from './usage.ts';

/** The longest that a phase may take, in milliseconds. */
const patienceMs = 120_000;
const idleMs = 10_000;
/** Between rounds, so that one change has come to rest before the next one. */
const restMs = 1_500;

export interface PhaseOptions {
  /** Milliseconds over which the proxies connect. */
  readonly rampMs: number;
  readonly rounds: number;
}

/** Waits for proxies to be sent something that `matches`, and notes when each was. */
class Watch {
  private matches: ((response: DeltaDiscoveryResponse) => boolean) | undefined;
  private readonly seen = new Map<string, number>();

  observe(proxy: FleetProxy, response: DeltaDiscoveryResponse): void {
    if (this.matches?.(response) === true && !this.seen.has(proxy.name)) {
      this.seen.set(proxy.name, performance.now());
    }
  }

  /** Makes a change and gives the milliseconds until each of `count` proxies had it. */
  async arrival(
    matches: (response: DeltaDiscoveryResponse) => boolean,
    count: number,
    change: () => Promise<unknown>,
  ): Promise<number[]> {
    this.seen.clear();
    this.matches = matches;
    const start = performance.now();
    await change();
    while (this.seen.size < count && performance.now() - start < patienceMs) {
      await sleep(2);
    }
    this.matches = undefined;
    return [...this.seen.values()].map((time) => time - start);
  }
}

async function until(condition: () => boolean): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > patienceMs) {
      throw new Error(`not done after ${patienceMs} ms`);
    }
    await sleep(10);
  }
  return performance.now() - start;
}

/** Runs `work` for each item, 64 at a time, and gives the milliseconds that each took. */
async function each<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      const item = items[index];
      if (item !== undefined) {
        const start = performance.now();
        await work(item, index);
        times.push(performance.now() - start);
      }
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  return times;
}

function totals(fleet: readonly FleetProxy[]) {
  return fleet.reduce(
    (sum, { received }) => ({
      responses: sum.responses + received.responses,
      bytes: sum.bytes + received.bytes,
    }),
    { responses: 0, bytes: 0 },
  );
}

/** Brings a fleet up and measures it: bring-up, idle, a change of policy, a new endpoint, a reconnection of all. */
export async function runPhases(
  plane: ControlPlane,
  shape: FleetShape,
  options: PhaseOptions,
  print: (line: string) => void,
): Promise<void> {
  const places = seats(shape);
  const watch = new Watch();
  const fleet: FleetProxy[] = [];
  let lost = 0;
  const events = {
    onResponse: (proxy: FleetProxy, response: DeltaDiscoveryResponse) => watch.observe(proxy, response),
    onLost: (proxy: FleetProxy) => {
      lost += 1;
      setTimeout(() => proxy.connect(), 500 + Math.random() * 500);
    },
  };
  const usage = () => usageOf(plane.pid);
  print(`${shape.proxies} proxies, ${shape.services} services, ${shape.outbounds} outbounds each`);

  const tokens: string[] = [];
  let before = usage();
  const issued = await each(places, async ({ name }, index) => {
    tokens[index] = await plane.api('POST', '/tokens/dataplane', { name, mesh: shape.mesh, validFor: '24h' });
  });
  print(`tokens     ${summary(issued)}; ${spent(before, usage())}`);

  before = usage();
  const start = performance.now();
  await each(places, async (seat, index) => {
    await sleep(Math.max(0, (options.rampMs * index) / places.length - (performance.now() - start)));
    fleet[index] = await connect(plane, shape.mesh, seat, (tokens[index] ?? '').trim(), events);
  });
  await until(() =>
    places.every((seat, index) => fleet[index] !== undefined && configured(fleet[index], seat)),
  );
  print(
    `bring-up   all configured after ${((performance.now() - start) / 1_000).toFixed(2)} s (ramp ${options.rampMs / 1_000} s); ${spent(before, usage())}`,
  );
  await sleep(restMs);

  before = usage();
  const quiet = totals(fleet).responses;
  await sleep(idleMs);
  print(
    `idle       ${idleMs / 1_000} s: ${totals(fleet).responses - quiet} responses; ${spent(before, usage())}`,
  );

  before = usage();
  const policy: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const seconds = 10 + round;
    policy.push(
      ...(await watch.arrival(
        (response) => hasTimeout(response, seconds),
        fleet.length,
        () => putTimeout(plane, shape.mesh, seconds),
      )),
    );
    await sleep(restMs);
  }
  print(`policy     ${summary(policy)} of ${options.rounds * fleet.length}; ${spent(before, usage())}`);

  before = usage();
  const endpoint: number[] = [];
  let expected = 0;
  for (let round = 0; round < options.rounds; round++) {
    const service = `service-${round % shape.services}`;
    const address = `172.31.0.${1 + round}`;
    const consumers = places.filter(({ consumes }) => consumes.includes(service)).length;
    expected += consumers;
    endpoint.push(
      ...(await watch.arrival(
        (response) => hasAddress(response, address),
        consumers,
        () => putDataplane(plane, shape.mesh, round, address, service),
      )),
    );
    await sleep(restMs);
  }
  print(`endpoint   ${summary(endpoint)} of ${expected}; ${spent(before, usage())}`);

  before = usage();
  for (const proxy of fleet) {
    proxy.close();
  }
  await sleep(500);
  const held = totals(fleet);
  const again = performance.now();
  for (const proxy of fleet) {
    proxy.connect();
  }
  await sleep(5_000);
  const after = totals(fleet);
  print(
    `reconnect  ${fleet.length} at once, looked at for ${((performance.now() - again) / 1_000).toFixed(1)} s: ${lost} lost, ` +
      `${after.responses - held.responses} responses, ${Math.round((after.bytes - held.bytes) / 1024)} KiB; ${spent(before, usage())}`,
  );
  for (const proxy of fleet) {
    proxy.close();
  }
}

function hasTimeout(response: DeltaDiscoveryResponse, seconds: number): boolean {
  return (
    response.typeUrl === typeUrls.cluster &&
    response.resources.some(
      ({ resource }) =>
        resource !== undefined &&
        fromBinary(ClusterSchema, resource.value).connectTimeout?.seconds === BigInt(seconds),
    )
  );
}

function hasAddress(response: DeltaDiscoveryResponse, address: string): boolean {
  return (
    response.typeUrl === typeUrls.endpoint &&
    response.resources.some(
      ({ resource }) => resource !== undefined && Buffer.from(resource.value).includes(address),
    )
  );
}

function putTimeout(plane: ControlPlane, mesh: string, seconds: number): Promise<string> {
  return plane.api('PUT', `/meshes/${mesh}/meshtimeouts/bench`, {
    type: 'MeshTimeout',
    mesh,
    name: 'bench',
    spec: {
      targetRef: { kind: 'Mesh' },
      to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: `${seconds}s` } }],
    },
  });
}

function putDataplane(
  plane: ControlPlane,
  mesh: string,
  round: number,
  address: string,
  service: string,
): Promise<string> {
  const name = `fleet-extra-${round}`;
  return plane.api('PUT', `/meshes/${mesh}/dataplanes/${name}`, {
    type: 'Dataplane',
    mesh,
    name,
    networking: {
      address,
      inbound: [{ port: 8080, tags: { 'kuma.io/service': service, 'kuma.io/protocol': 'http' } }],
    },
  });
}
