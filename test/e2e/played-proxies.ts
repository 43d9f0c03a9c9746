import { onTestFinished } from 'vitest';
import { controlPlaneAt } from '../../dev/bench/control-plane.ts';
import { configured, connect, type FleetShape, type Seat, seats } from '../../dev/bench/fleet.ts';
import { patiently } from '../../dev/bench/patiently.ts';
import type { FleetProxy } from '../../dev/bench/proxy.ts';
import { until } from '../../dev/bench/until.ts';
import type { MeshHost } from './mesh.ts';

/** Proxies without Envoys: they ask, take and come back as Envoy does. */
export interface PlayedProxies {
  readonly names: readonly string[];
  /** Streams that ended although nobody closed them; each was opened again at once. */
  readonly lost: number;
  /** Connects the seats from one place up to another, all at once, and waits until they have all that they need. */
  come(from: number, to: number): Promise<void>;
}

/** Makes proxies, which end with the test; none is connected yet. */
export async function playProxies(host: MeshHost, shape: FleetShape): Promise<PlayedProxies> {
  const { dp, ca, token } = host.controlPlane();
  // There is no port of the API: it is a function.
  const plane = controlPlaneAt({ api: 'http://127.0.0.1', dp, ca }, Number.POSITIVE_INFINITY);
  const places = seats(shape);
  const tokens = await Promise.all(
    Array.from({ length: shape.services }, (_, service) => token(shape.mesh, `service-${service}`)),
  );
  const proxies = new Map<string, FleetProxy>();
  let lost = 0;
  const events = {
    onResponse() {},
    onLost(proxy: FleetProxy) {
      lost += 1;
      proxy.connect();
    },
  };
  onTestFinished(() => {
    for (const proxy of proxies.values()) {
      proxy.close();
    }
  });

  const arrive = async (seat: Seat, index: number) => {
    const own = tokens[index % shape.services] ?? '';
    proxies.set(seat.name, await patiently(() => connect(plane, shape.mesh, seat, own, events)));
  };

  return {
    names: places.map(({ name }) => name),
    get lost() {
      return lost;
    },
    async come(from, to) {
      const coming = places.slice(from, to);
      await Promise.all(coming.map((seat, at) => arrive(seat, from + at)));
      await until(() => coming.every((seat) => configured(proxies.get(seat.name), seat)));
    },
  };
}
