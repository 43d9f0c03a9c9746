import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ControlPlane,
  type ControlPlaneAddress,
  type ControlPlaneClient,
  controlPlaneAt,
} from './control-plane.ts';
import { timesOf } from './each.ts';
import type { Sent } from './exchange.ts';
import { configured, connect, type FleetShape, type Seat, seats } from './fleet.ts';
import type { FleetProxy, ProxyOptions } from './proxy.ts';
import { summary } from './stats.ts';
import { runningMs, spent, usageOf } from './usage.ts';

/** The mesh that is measured: few proxies, whose changes must not wait for those of the noisy one. */
const quietShape: FleetShape = { mesh: 'quiet', proxies: 20, services: 5, outbounds: 2 };
const noisyMesh = 'default';
/** Changes a second in the noisy mesh. */
const noisyRate = 100;
const maxOpen = 4;
/** The longest that anything may take, in milliseconds. */
const patienceMs = 120_000;
/** Between two changes of the quiet mesh, in milliseconds; odd, so that it does not keep step with anything. */
const pauseMs = 173;

type Events = Pick<ProxyOptions, 'onResponse' | 'onLost'>;
type Kind = 'policy' | 'endpoint';
type Order = { readonly change: Kind | undefined };
type Report = { readonly done: number };

async function until(condition: () => boolean): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > patienceMs) {
      throw new Error(`not done after ${patienceMs} ms`);
    }
    await sleep(10);
  }
}

/** As kuma-dp does when it is turned away: again a little later. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() - start > patienceMs) {
        throw error;
      }
      await sleep(500 + Math.random() * 500);
    }
  }
}

const comeBack = (proxy: FleetProxy) => void setTimeout(() => proxy.connect(), 500 + Math.random() * 500);

/** Connects a fleet over `rampMs` and waits until all of it is configured. */
async function bringUp(plane: ControlPlaneClient, shape: FleetShape, rampMs: number, events: Events) {
  const places = seats(shape);
  const fleet = new Map<Seat, FleetProxy>();
  const start = performance.now();
  await timesOf(places.length, 64, async (index) => {
    const seat = places[index];
    if (seat !== undefined) {
      await sleep(Math.max(0, (rampMs * index) / places.length - (performance.now() - start)));
      const body = { name: seat.name, mesh: shape.mesh, validFor: '24h' };
      const token = await patiently(() => plane.api('POST', '/tokens/dataplane', body));
      fleet.set(seat, await patiently(() => connect(plane, shape.mesh, seat, token.trim(), events)));
    }
  });
  await until(() => places.every((seat) => configured(fleet.get(seat), seat)));
}

const putEndpoint = (plane: ControlPlaneClient, mesh: string, address: string, service: string) =>
  plane.api('PUT', `/meshes/${mesh}/dataplanes/extra`, {
    type: 'Dataplane',
    mesh,
    name: 'extra',
    networking: {
      address,
      inbound: [{ port: 8080, tags: { 'kuma.io/service': service, 'kuma.io/protocol': 'http' } }],
    },
  });

const putPolicy = (plane: ControlPlaneClient, mesh: string, seconds: number) =>
  plane.api('PUT', `/meshes/${mesh}/meshtimeouts/bench`, {
    type: 'MeshTimeout',
    mesh,
    name: 'bench',
    spec: {
      targetRef: { kind: 'Mesh' },
      to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: `${seconds}s` } }],
    },
  });

/**
 * The noisy mesh, in a process of its own: brings its proxies up, then changes as it is told to over the channel of
 * `fork`, and answers how many changes it has made when it is told to stop.
 */
export async function runNoisyFleet(text: string): Promise<void> {
  const { at, shape, rampMs } = JSON.parse(text) as {
    at: ControlPlaneAddress;
    shape: FleetShape;
    rampMs: number;
  };
  const plane = controlPlaneAt(at);
  let order: Order = { change: undefined };
  let done = 0;
  /** Changes that are not answered yet: few, for what is measured is the relay and not the line before the API. */
  let open = 0;
  process.on('message', (next: Order) => {
    process.send?.({ done } satisfies Report);
    done = 0;
    order = next;
  });
  await bringUp(plane, shape, rampMs, { onResponse() {}, onLost: comeBack });
  process.send?.({ done } satisfies Report);
  for (let round = 0; process.connected; round += 1) {
    const { change } = order;
    if (change !== undefined && open < maxOpen) {
      open += 1;
      const put =
        change === 'policy'
          ? putPolicy(plane, shape.mesh, 1 + (round % 3_600))
          : putEndpoint(
              plane,
              shape.mesh,
              `172.30.${round % 200}.${1 + (round % 250)}`,
              `service-${round % 7}`,
            );
      void put
        .then(
          () => (done += 1),
          () => {},
        )
        .finally(() => (open -= 1));
    }
    await sleep(1_000 / noisyRate);
  }
}

/**
 * Prints how long a change of a quiet mesh takes to its proxies: with nothing else to do, while the fleet of another mesh
 * comes up, and while that one changes a hundred times a second.
 */
export async function benchFairness(
  plane: ControlPlane,
  options: {
    readonly proxies: number;
    readonly services: number;
    readonly outbounds: number;
    readonly rampMs: number;
    readonly changes: number;
  },
  print: (line: string) => void,
): Promise<void> {
  const { rampMs, changes, ...noisy } = options;
  const shape: FleetShape = { mesh: noisyMesh, ...noisy };
  await plane.api('PUT', `/meshes/${quietShape.mesh}`, { type: 'Mesh', name: quietShape.mesh });
  let awaited = '';
  const seen = new Map<string, number>();
  /** What the server had run for when the last one had it. */
  let ranUntil: number | undefined;
  await bringUp(plane, quietShape, 0, {
    onResponse(proxy, { resources }: Sent) {
      if (resources.some(({ value }) => Buffer.from(value).includes(awaited))) {
        seen.set(proxy.name, performance.now());
        ranUntil = runningMs(plane.pid);
      }
    },
    onLost: comeBack,
  });
  const consumers = seats(quietShape).filter(({ consumes }) => consumes.includes('service-0')).length;

  let round = 0;
  /** For how long the server ran between each change and its last arrival: with other changes, for the most part. */
  const ran: number[] = [];
  const answered: number[] = [];
  const changeOnce = async (): Promise<number[]> => {
    round += 1;
    awaited = `172.31.${round >> 7}.${1 + (round & 127)}`;
    seen.clear();
    const ranBefore = runningMs(plane.pid);
    const start = performance.now();
    await putEndpoint(plane, quietShape.mesh, awaited, 'service-0');
    answered.push(performance.now() - start);
    await until(() => seen.size >= consumers);
    if (ranBefore !== undefined && ranUntil !== undefined) {
      ran.push(ranUntil - ranBefore);
    }
    return [...seen.values()].map((time) => time - start);
  };
  const measure = async (title: string, goesOn: (count: number) => boolean) => {
    const before = usageOf(plane.pid);
    const times: number[] = [];
    ran.length = 0;
    answered.length = 0;
    const start = performance.now();
    for (let count = 0; goesOn(count); count += 1) {
      times.push(...(await changeOnce()));
      await sleep(pauseMs);
    }
    const seconds = (performance.now() - start) / 1_000;
    print(
      `${title.padEnd(44)} ${summary(times)}; ${seconds.toFixed(0)} s, ${spent(before, usageOf(plane.pid))}`,
    );
    print(`  until the API had answered                 ${summary(answered)}`);
    print(`  the server ran for                         ${summary(ran)}`);
  };

  await measure('alone', (count) => count < changes);
  const child = fork(process.argv[1] ?? '', ['noisy-fleet', JSON.stringify({ at: plane.at, shape, rampMs })]);
  const report = async (): Promise<Report> => (await once(child, 'message'))[0];
  try {
    let up = false;
    void report().then(() => (up = true));
    await measure(`while ${shape.proxies} proxies of another mesh come`, () => !up);
    await measure('with them connected', (count) => count < changes);
    for (const change of ['policy', 'endpoint'] as const) {
      child.send({ change } satisfies Order);
      await report();
      await sleep(1_000);
      const start = performance.now();
      await measure(`while another changes its ${change} ${noisyRate} a second`, (count) => count < changes);
      child.send({ change: undefined } satisfies Order);
      const { done } = await report();
      print(`  it made ${(done / ((performance.now() - start) / 1_000 + 1)).toFixed(0)} changes a second`);
      await sleep(3_000);
    }
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}
