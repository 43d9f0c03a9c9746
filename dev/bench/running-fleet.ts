import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchChange } from './changes.ts';
import type { ControlPlaneClient } from './control-plane.ts';
import { timesOf } from './each.ts';
import type { BenchProtocol, Sent } from './exchange.ts';
import { configured, connect, type FleetShape, type Seat, seats } from './fleet.ts';
import { patiently } from './patiently.ts';
import type { FleetProxy } from './proxy.ts';
import { patienceMs, until } from './until.ts';

/** How many proxies ask for a token or a bootstrap at the same time. */
const width = 64;

/** A fleet of proxies without Envoys, and what it hears. */
export interface RunningFleet {
  readonly seats: readonly Seat[];
  readonly proxies: readonly FleetProxy[];
  /** Streams that ended although nobody closed them; each was opened again half a second to a second later. */
  readonly lost: number;
  /** The milliseconds that each token took. */
  fetchTokens(): Promise<readonly number[]>;
  /** Connects all over `rampMs`; gives the milliseconds until the last of them had all that it needs. */
  bringUp(rampMs: number): Promise<number>;
  /** Makes a change; gives the milliseconds until each of `count` proxies had it, fewer where some did not get it. */
  arrival(change: BenchChange, count: number): Promise<readonly number[]>;
  /** What all have received by now. */
  received(): { readonly responses: number; readonly kib: number };
  /** `performance.now()` when the last response came. */
  readonly lastHeard: number;
  /** Hears every response besides. */
  listen(listener: (proxy: FleetProxy, response: Sent) => void): void;
  close(): void;
}

/** Makes a fleet; nothing is connected yet. */
export function createRunningFleet(
  plane: ControlPlaneClient,
  shape: FleetShape,
  protocol: BenchProtocol,
): RunningFleet {
  const places = seats(shape);
  const tokens: string[] = [];
  const proxies: FleetProxy[] = [];
  let lost = 0;
  let lastHeard = 0;
  let awaited: { readonly change: BenchChange; readonly seen: Map<string, number> } | undefined;
  let listener: ((proxy: FleetProxy, response: Sent) => void) | undefined;

  const events = {
    onResponse(proxy: FleetProxy, response: Sent) {
      lastHeard = performance.now();
      if (awaited?.seen.has(proxy.name) === false && awaited.change.arrivedWith(response)) {
        awaited.seen.set(proxy.name, lastHeard);
      }
      listener?.(proxy, response);
    },
    onLost(proxy: FleetProxy) {
      lost += 1;
      setTimeout(() => proxy.connect(), 500 + Math.random() * 500);
    },
  };

  return {
    seats: places,
    proxies,
    get lost() {
      return lost;
    },
    get lastHeard() {
      return lastHeard;
    },
    fetchTokens: () =>
      timesOf(places.length, width, async (index) => {
        const body = { name: places[index]?.name, mesh: shape.mesh, validFor: '24h' };
        tokens[index] = (await patiently(() => plane.api('POST', '/tokens/dataplane', body))).trim();
      }),
    async bringUp(rampMs) {
      const start = performance.now();
      await timesOf(places.length, width, async (index) => {
        const seat = places[index];
        if (seat !== undefined) {
          await sleep(Math.max(0, (rampMs * index) / places.length - (performance.now() - start)));
          const token = tokens[index] ?? '';
          proxies[index] = await patiently(() => connect(plane, shape.mesh, seat, token, events, protocol));
        }
      });
      await until(() => places.every((seat, index) => configured(proxies[index], seat)));
      return performance.now() - start;
    },
    async arrival(change, count) {
      const seen = new Map<string, number>();
      awaited = { change, seen };
      const start = performance.now();
      await change.make(plane, shape.mesh);
      while (seen.size < count && performance.now() - start < patienceMs) {
        await sleep(2);
      }
      awaited = undefined;
      return [...seen.values()].map((time) => time - start);
    },
    received() {
      const sum = (of: (proxy: FleetProxy) => number) =>
        proxies.reduce((total, proxy) => total + of(proxy), 0);
      return {
        responses: sum(({ received }) => received.responses),
        kib: sum(({ received }) => received.bytes) / 1_024,
      };
    },
    listen(next) {
      listener = next;
    },
    close() {
      for (const proxy of proxies) {
        proxy.close();
      }
    },
  };
}
