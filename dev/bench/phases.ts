import { setTimeout as sleep } from 'node:timers/promises';
import { endpointChange, policyChange } from './changes.ts';
import type { ControlPlane } from './control-plane.ts';
import { timesOf } from './each.ts';
import type { BenchProtocol } from './exchange.ts';
import { type Phase, quantiles, usedSince } from './figures.ts';
import type { FleetShape } from './fleet.ts';
import { createRunningFleet, type RunningFleet } from './running-fleet.ts';
import { until } from './until.ts';
import { usageOf } from './usage.ts';

const idleMs = 10_000;
/** Between rounds, so that one change has come to rest before the next one. */
const restMs = 1_500;
/** Without a response for so long, a fleet that came back has all that it needs. */
const quietMs = 2_000;

export interface PhaseOptions {
  readonly protocol: BenchProtocol;
  /** Milliseconds over which the proxies connect. */
  readonly rampMs: number;
  readonly rounds: number;
  /** How many of the proxies come back at once at the end. */
  readonly reconnect: number;
}

type Work = () => Promise<Phase['figures']>;

/**
 * Brings a fleet up and measures it: tokens, bring-up, idle, a change of policy, a new endpoint, reconnections; then
 * pages of overviews and writes, while all are connected. Tells each phase when it is over.
 */
export async function runPhases(
  plane: ControlPlane,
  shape: FleetShape,
  options: PhaseOptions,
  tell: (phase: Phase) => void,
): Promise<void> {
  const fleet = createRunningFleet(plane, shape, options.protocol);
  const phase = async (name: string, work: Work) => {
    const before = usageOf(plane.pid);
    const figures = await work();
    tell({ name, figures: { ...figures, ...usedSince(plane.pid, before) } });
    await sleep(restMs);
  };
  await phase('tokens', async () => quantiles(await fleet.fetchTokens()));
  await phase('bring-up', async () => {
    const took = await fleet.bringUp(options.rampMs);
    return { afterTheLastMs: Math.round(took - options.rampMs) };
  });
  await phase('idle', async () => {
    const { responses } = fleet.received();
    await sleep(idleMs);
    return { responses: fleet.received().responses - responses };
  });
  await phase('policy', () => policyRounds(fleet, options.rounds));
  await phase('endpoint', () => endpointRounds(fleet, shape, options.rounds));
  await phase('reconnect', () => reconnection(fleet, options.reconnect));
  await phase('overviews', () => overviews(plane, shape));
  await phase('PUT', () => writes(plane));
  fleet.close();
}

async function policyRounds(fleet: RunningFleet, rounds: number): Promise<Phase['figures']> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    times.push(...(await fleet.arrival(policyChange(3_010 + 10 * round), fleet.proxies.length)));
    await sleep(restMs);
  }
  return { rounds, expected: rounds * fleet.proxies.length, ...quantiles(times) };
}

async function endpointRounds(
  fleet: RunningFleet,
  shape: FleetShape,
  rounds: number,
): Promise<Phase['figures']> {
  const times: number[] = [];
  let expected = 0;
  for (let round = 0; round < rounds; round += 1) {
    const service = `service-${round % shape.services}`;
    const consumers = fleet.seats.filter(({ consumes }) => consumes.includes(service)).length;
    expected += consumers;
    const change = endpointChange(`fleet-extra-${round}`, service, `172.31.0.${1 + round}`);
    times.push(...(await fleet.arrival(change, consumers)));
    await sleep(restMs);
  }
  return { rounds, expected, ...quantiles(times) };
}

/** Closes streams and opens them again, all at once. An incremental stream has nothing to say where nothing changed. */
async function reconnection(fleet: RunningFleet, count: number): Promise<Phase['figures']> {
  const some = fleet.proxies.slice(0, count);
  for (const proxy of some) {
    proxy.close();
  }
  await sleep(500);
  const [before, lost, start] = [fleet.received(), fleet.lost, performance.now()];
  for (const proxy of some) {
    proxy.connect();
  }
  await until(() => performance.now() - Math.max(start, fleet.lastHeard) > quietMs);
  const after = fleet.received();
  return {
    proxies: some.length,
    refused: fleet.lost - lost,
    quietAfterMs: Math.round(Math.max(start, fleet.lastHeard) - start),
    responses: after.responses - before.responses,
    sentKiB: Math.round(after.kib - before.kib),
  };
}

async function overviews(plane: ControlPlane, { mesh }: FleetShape): Promise<Phase['figures']> {
  const path = `/meshes/${mesh}/dataplanes/_overview?size=1000`;
  return { atATime: 16, ...quantiles(await timesOf(200, 16, () => plane.api('GET', path))) };
}

async function writes(plane: ControlPlane): Promise<Phase['figures']> {
  const mesh = 'bench-writes';
  await plane.api('PUT', `/meshes/${mesh}`, { type: 'Mesh', name: mesh });
  const count = 5_000;
  const start = performance.now();
  const times = await timesOf(count, 16, (index) =>
    endpointChange(`dp-${index}`, `service-${index % 100}`, `10.0.${index >> 8}.${index & 255}`).make(
      plane,
      mesh,
    ),
  );
  const putsPerSecond = Math.round((1_000 * count) / (performance.now() - start));
  return { atATime: 16, putsPerSecond, ...quantiles(times) };
}
