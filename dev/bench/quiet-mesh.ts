import { setTimeout as sleep } from 'node:timers/promises';
import { endpointChange } from './changes.ts';
import type { ControlPlaneClient } from './control-plane.ts';
import type { FleetShape } from './fleet.ts';
import { createRunningFleet } from './running-fleet.ts';

/** Few proxies, whose changes must not wait for what others do. */
const shape: FleetShape = { mesh: 'quiet', proxies: 20, services: 5, outbounds: 2 };
/** Between two changes, in milliseconds; odd, so that it does not keep step with anything. */
const pauseMs = 373;

/** A small mesh that is changed again and again while others are loud. */
export interface QuietMesh {
  /** Changes it for as long as `goesOn` says; gives the milliseconds that each change took to each of its proxies. */
  measure(goesOn: (changes: number) => boolean): Promise<readonly number[]>;
  close(): void;
}

/** Makes the mesh and connects its proxies. */
export async function createQuietMesh(plane: ControlPlaneClient): Promise<QuietMesh> {
  await plane.api('PUT', `/meshes/${shape.mesh}`, { type: 'Mesh', name: shape.mesh });
  const fleet = createRunningFleet(plane, shape, 'delta');
  await fleet.fetchTokens();
  await fleet.bringUp(0);
  const consumers = fleet.seats.filter(({ consumes }) => consumes.includes('service-0')).length;
  let round = 0;
  return {
    async measure(goesOn) {
      const times: number[] = [];
      for (let changes = 0; goesOn(changes); changes += 1) {
        round += 1;
        const address = `172.31.${round >> 7}.${1 + (round & 127)}`;
        times.push(...(await fleet.arrival(endpointChange('extra', 'service-0', address), consumers)));
        await sleep(pauseMs);
      }
      return times;
    },
    close: fleet.close,
  };
}
