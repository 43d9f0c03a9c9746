import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type ControlPlaneClient, controlPlaneAt } from './control-plane.ts';
import { timesOf } from './each.ts';
import { configured, connect, type FleetShape, seats } from './fleet.ts';
import type { FleetProxy } from './proxy.ts';
import { until } from './until.ts';

const argumentSchema = z.object({
  at: z.object({ api: z.string(), dp: z.string(), ca: z.string() }),
  diagnostics: z.string(),
  shape: z.object({ mesh: z.string(), proxies: z.number(), services: z.number(), outbounds: z.number() }),
});

/** What the fleet is told to do next, and answers when it is done. */
export type StormOrder = 'come' | 'come back';
export interface StormReport {
  /** Bootstraps and streams that failed, and were tried again. */
  readonly failed: number;
  /** Responses that came. */
  readonly responses: number;
}

/** kuma-dp asks for its bootstrap again after so many milliseconds. */
const bootstrapPauseMs = 3_000;
/** Envoy's back-off for streams: a random part of a pause that doubles, in milliseconds. */
const streamBackOff = { first: 500, longest: 30_000 };

/** All proxies of a fleet, which do everything at once. For a process of its own: it answers over the channel of `fork`. */
export async function runStormFleet(text: string): Promise<void> {
  const { at, diagnostics, shape } = argumentSchema.parse(JSON.parse(text));
  // As many connections as there are proxies: nobody waits for another.
  const plane = controlPlaneAt(at, Number.POSITIVE_INFINITY);
  const storm = await createStorm(plane, shape, () => connectedProxies(diagnostics, shape.mesh));
  process.on('message', (order: StormOrder) => {
    storm.run(order).then(
      (report) => process.send?.(report),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.({ failed: 0, responses: 0 } satisfies StormReport);
}

/** How many proxies of the mesh the relay has let in, by its metrics: who holds everything already is sent nothing. */
async function connectedProxies(diagnostics: string, mesh: string): Promise<number> {
  const text = await (await fetch(`${diagnostics}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('kumulus_proxies{') && line.includes(`mesh="${mesh}"`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function createStorm(plane: ControlPlaneClient, shape: FleetShape, connected: () => Promise<number>) {
  const places = seats(shape);
  const tokens: string[] = [];
  await timesOf(places.length, 16, async (index) => {
    const body = { name: places[index]?.name, mesh: shape.mesh, validFor: '24h' };
    tokens[index] = (await plane.api('POST', '/tokens/dataplane', body)).trim();
  });
  const fleet = new Map<string, FleetProxy>();
  const pauses = new Map<string, number>();
  let failed = 0;

  const events = {
    onResponse: (proxy: FleetProxy) => void pauses.delete(proxy.name),
    onLost(proxy: FleetProxy) {
      failed += 1;
      const pause = pauses.get(proxy.name) ?? streamBackOff.first;
      pauses.set(proxy.name, Math.min(streamBackOff.longest, pause * 2));
      setTimeout(() => proxy.connect(), Math.random() * pause);
    },
  };

  const come = async (index: number) => {
    for (;;) {
      const seat = places[index];
      if (seat === undefined) {
        return;
      }
      try {
        fleet.set(seat.name, await connect(plane, shape.mesh, seat, tokens[index] ?? '', events));
        return;
      } catch {
        failed += 1;
        await sleep(bootstrapPauseMs);
      }
    }
  };

  const responses = () => [...fleet.values()].reduce((sum, { received }) => sum + received.responses, 0);

  return {
    async run(order: StormOrder): Promise<StormReport> {
      const before = { failed, responses: responses() };
      if (order === 'come') {
        await Promise.all(places.map((_, index) => come(index)));
        await until(() => places.every((seat) => configured(fleet.get(seat.name), seat)), 20, 600_000);
      } else {
        for (const proxy of fleet.values()) {
          proxy.close();
        }
        await sleep(500);
        for (const proxy of fleet.values()) {
          proxy.connect();
        }
        while ((await connected().catch(() => 0)) < fleet.size) {
          await sleep(200);
        }
      }
      return { failed: failed - before.failed, responses: responses() - before.responses };
    },
  };
}
