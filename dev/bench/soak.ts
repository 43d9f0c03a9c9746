import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { endpointChange, policyChange } from './changes.ts';
import type { ControlPlane } from './control-plane.ts';
import type { BenchProtocol, Sent } from './exchange.ts';
import { type Phase, quantiles } from './figures.ts';
import type { FleetShape, Seat } from './fleet.ts';
import type { FleetProxy } from './proxy.ts';
import { startRealProxies } from './real-proxies.ts';
import { createRunningFleet } from './running-fleet.ts';
import { ownMemoryMiB, usageOf } from './usage.ts';

export interface SoakOptions {
  readonly protocol: BenchProtocol;
  readonly rampMs: number;
  readonly minutes: number;
  /** Milliseconds between changes. */
  readonly everyMs: number;
  /** Real Envoys beside the fleet. */
  readonly envoys: number;
  /** `dist/cli/main.js`, which starts them. */
  readonly cli: string;
}

/** So many changes are of endpoints before there is one of policy. */
const endpointsPerPolicy = 49;
/** After the last change everything must have arrived within this time, in milliseconds. */
const settleMs = 15_000;
const sampleMs = 10_000;

/**
 * Keeps a fleet connected and changes its mesh again and again. Gives for each third of the time the memory and the
 * delay of changes, and at the end the changes that did not arrive and the responses that were refused: both are to be 0.
 */
export async function soak(
  plane: ControlPlane,
  shape: FleetShape,
  options: SoakOptions,
  tell: (phase: Phase) => void,
): Promise<void> {
  const fleet = createRunningFleet(plane, shape, options.protocol);
  await fleet.fetchTokens();
  await fleet.bringUp(options.rampMs);
  const outbounds = Array.from({ length: options.envoys }, (_, index) => [`service-${index}`, 'service-7']);
  const real = await startRealProxies(plane, options.cli, shape.mesh, outbounds);
  const record = createRecord(fleet.seats);
  fleet.listen(record.hear);
  tell({ name: 'connected', figures: { proxies: fleet.proxies.length, envoys: real.names.length } });

  const third = (options.minutes * 60_000) / 3;
  let round = 0;
  for (let part = 1; part <= 3; part += 1) {
    const before = usageOf(plane.pid);
    const end = performance.now() + third;
    const resident: number[] = [];
    const own: number[] = [];
    let nextSample = performance.now();
    let next = performance.now();
    record.delays.length = 0;
    let made = 0;
    const pending = new Set<Promise<unknown>>();
    while (performance.now() < end) {
      if (performance.now() >= nextSample) {
        const { residentMiB } = usageOf(plane.pid);
        resident.push(residentMiB);
        own.push(ownMemoryMiB(plane.pid) ?? residentMiB);
        nextSample += sampleMs;
      }
      const change = changeOf(round, shape.services, record);
      round += 1;
      made += 1;
      const put = change.make(plane, shape.mesh).finally(() => pending.delete(put));
      pending.add(put);
      next += options.everyMs;
      await sleep(Math.max(0, next - performance.now()));
    }
    await Promise.all(pending);
    const { count: heard = 0, ...delay } = quantiles(record.delays);
    tell({
      name: `part ${part}`,
      figures: {
        changes: made,
        heard,
        ...delay,
        meanResidentMiB: mean(resident),
        meanOwnMiB: mean(own),
        maxOwnMiB: Math.round(Math.max(...own)),
        cpuSeconds: Number((usageOf(plane.pid).cpuSeconds - before.cpuSeconds).toFixed(1)),
      },
    });
  }
  await sleep(settleMs);
  const refused = await refusals(plane, shape.mesh);
  tell({ name: 'end', figures: { lostChanges: record.missing(), refused, lostStreams: fleet.lost } });
  await real.stop();
  fleet.close();
}

function mean(values: readonly number[]): number {
  return Math.round(values.reduce((sum, each) => sum + each, 0) / values.length);
}

/** What was changed and what was heard of it. */
interface SoakRecord {
  /** Milliseconds from the beginning of a change to a proxy that has it. */
  readonly delays: number[];
  note(service: string, address: string): void;
  hear(proxy: FleetProxy, response: Sent): void;
  /** Proxies and services of which a proxy does not hold the last address. */
  missing(): number;
}

const addressPattern = /172\.31\.\d+\.\d+/;

function createRecord(seats: readonly Seat[]): SoakRecord {
  const delays: number[] = [];
  const begun = new Map<string, number>();
  const newest = new Map<string, string>();
  const held = new Map<string, string>();
  return {
    delays,
    note(service, address) {
      begun.set(address, performance.now());
      newest.set(service, address);
    },
    hear(proxy, { typeUrl, resources }) {
      for (const { name, value } of typeUrl === typeUrls.endpoint ? resources : []) {
        const [address] = addressPattern.exec(Buffer.from(value).toString('latin1')) ?? [];
        const key = `${proxy.name} ${name}`;
        if (address !== undefined && held.get(key) !== address) {
          held.set(key, address);
          delays.push(performance.now() - (begun.get(address) ?? Number.NaN));
        }
      }
    },
    missing: () =>
      seats.reduce(
        (sum, { name, consumes }) =>
          sum +
          consumes.filter((service) => {
            const address = newest.get(service);
            return address !== undefined && held.get(`${name} ${service}`) !== address;
          }).length,
        0,
      ),
  };
}

function changeOf(round: number, services: number, record: SoakRecord) {
  if (round % (endpointsPerPolicy + 1) === endpointsPerPolicy) {
    return policyChange(3_000 + (round % 1_000));
  }
  const service = `service-${round % services}`;
  // Addresses come again after 65,536 changes, long after the earlier one has arrived.
  const address = `172.31.${(round >> 8) & 255}.${round & 255}`;
  record.note(service, address);
  return endpointChange(`soak-${service}`, service, address);
}

const overviewsSchema = z.object({
  next: z.string().nullish(),
  items: z.array(
    z.object({
      dataplaneInsight: z
        .object({
          subscriptions: z
            .array(
              z.object({
                status: z
                  .object({ total: z.object({ responsesRejected: z.coerce.number().default(0) }).optional() })
                  .optional(),
              }),
            )
            .optional(),
        })
        .optional(),
    }),
  ),
});

/** The responses that proxies of the mesh have refused. */
async function refusals(plane: ControlPlane, mesh: string): Promise<number> {
  let path: string | undefined = `/meshes/${mesh}/dataplanes/_overview?size=1000`;
  let refused = 0;
  while (path !== undefined) {
    const page: z.infer<typeof overviewsSchema> = overviewsSchema.parse(
      JSON.parse(await plane.api('GET', path)),
    );
    for (const { dataplaneInsight } of page.items) {
      for (const { status } of dataplaneInsight?.subscriptions ?? []) {
        refused += status?.total?.responsesRejected ?? 0;
      }
    }
    path = typeof page.next === 'string' ? page.next.replace(/^https?:\/\/[^/]+/, '') : undefined;
  }
  return refused;
}
