import { setTimeout as sleep } from 'node:timers/promises';
import { endpointChange } from './changes.ts';
import type { ControlPlaneClient } from './control-plane.ts';
import type { FleetShape } from './fleet.ts';
import { createRunningFleet } from './running-fleet.ts';
import { runningMs } from './usage.ts';

/** Few proxies, whose changes must not wait for what others do. */
const shape: FleetShape = { mesh: 'quiet', proxies: 20, services: 5, outbounds: 2 };
/** Between two changes, in milliseconds; odd, so that it does not keep step with anything. */
const pauseMs = 173;

/** Of some changes, in milliseconds. */
export interface QuietTimes {
  /** How long each took to each of its proxies. */
  readonly arrived: readonly number[];
  /** How long the API took to answer. */
  readonly answered: readonly number[];
  /** For how long the server ran until the last proxy had the change; nothing where the system does not tell. */
  readonly ran: readonly number[];
}

/** A small mesh that is changed again and again while others are loud. */
export interface QuietMesh {
  /** Changes it for as long as `goesOn` says. */
  measure(goesOn: (changes: number) => boolean): Promise<QuietTimes>;
  close(): void;
}

/**
 * Makes the mesh and connects its proxies.
 *
 * @param pid the server's process.
 */
export async function createQuietMesh(plane: ControlPlaneClient, pid: number): Promise<QuietMesh> {
  await plane.api('PUT', `/meshes/${shape.mesh}`, { type: 'Mesh', name: shape.mesh });
  const fleet = createRunningFleet(plane, shape, 'delta');
  await fleet.fetchTokens();
  await fleet.bringUp(0);
  const consumers = fleet.seats.filter(({ consumes }) => consumes.includes('service-0')).length;
  let round = 0;
  return {
    async measure(goesOn) {
      const arrived: number[] = [];
      const answered: number[] = [];
      const ran: number[] = [];
      for (let changes = 0; goesOn(changes); changes += 1) {
        round += 1;
        const change = endpointChange('extra', 'service-0', `172.31.${round >> 7}.${1 + (round & 127)}`);
        const start = performance.now();
        const ranBefore = runningMs(pid);
        const noted = {
          ...change,
          make: (at: ControlPlaneClient, mesh: string) =>
            change.make(at, mesh).finally(() => answered.push(performance.now() - start)),
        };
        arrived.push(...(await fleet.arrival(noted, consumers)));
        const ranAfter = runningMs(pid);
        if (ranBefore !== undefined && ranAfter !== undefined) {
          ran.push(ranAfter - ranBefore);
        }
        await sleep(pauseMs);
      }
      return { arrived, answered, ran };
    },
    close: fleet.close,
  };
}
