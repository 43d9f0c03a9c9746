import type { JsonObject } from '@bufbuild/protobuf';
import { parse } from 'yaml';
import * as z from 'zod';
import { typeUrls } from '../../src/compile/snapshot.ts';
import type { ControlPlaneClient } from './control-plane.ts';
import type { BenchProtocol } from './exchange.ts';
import { createFleetProxy, type FleetProxy, type ProxyOptions } from './proxy.ts';

/** The shape of the fleet: as `services` services with `proxies` proxies in all, each with `outbounds` outbounds. */
export interface FleetShape {
  readonly mesh: string;
  readonly proxies: number;
  readonly services: number;
  readonly outbounds: number;
}

/** A proxy's place in the fleet before it is connected. */
export interface Seat {
  readonly name: string;
  readonly dataplane: object;
  /** The services that it consumes. */
  readonly consumes: readonly string[];
}

/** The same seats for the same shape: outbound `j` of proxy `i` goes to service `(7 i + 13 j) mod services`. */
export function seats({ mesh, proxies, services, outbounds }: FleetShape): readonly Seat[] {
  return Array.from({ length: proxies }, (_, i) => {
    const consumes = [
      ...new Set(Array.from({ length: outbounds }, (_, j) => `service-${(7 * i + 13 * j) % services}`)),
    ];
    const name = `fleet-${String(i).padStart(5, '0')}`;
    return {
      name,
      consumes,
      dataplane: {
        type: 'Dataplane',
        mesh,
        name,
        networking: {
          address: `10.${1 + Math.floor(i / 62_500)}.${Math.floor(i / 250) % 250}.${1 + (i % 250)}`,
          inbound: [
            {
              port: 8080,
              tags: { 'kuma.io/service': `service-${i % services}`, 'kuma.io/protocol': 'http' },
            },
          ],
          outbound: consumes.map((service, j) => ({
            port: 10_080 + j,
            tags: { 'kuma.io/service': service },
          })),
        },
      },
    };
  });
}

const bootstrapSchema = z.object({
  node: z.object({ metadata: z.record(z.string(), z.json()) }),
});

/** Asks for a bootstrap as `kuma-dp` does and gives the metadata of its node. */
async function bootstrap(
  plane: ControlPlaneClient,
  mesh: string,
  seat: Seat,
  token: string,
): Promise<JsonObject> {
  const answer = await plane.dp('POST', '/bootstrap', {
    mesh,
    name: seat.name,
    proxyType: 'dataplane',
    dataplaneToken: token,
    dataplaneResource: JSON.stringify(seat.dataplane),
    version: {
      kumaDp: { version: '2.13.10', gitTag: 'v2.13.10', gitCommit: 'bench', buildDate: '2026-01-01' },
      envoy: { version: '1.36.4', build: 'bench', kumaDpCompatible: true },
    },
    caCert: plane.ca.toString(),
    dynamicMetadata: {},
    readinessPort: 9902,
    features: ['feature-readiness-unix-socket'],
    workdir: '/tmp/kumulus-bench',
  });
  const { bootstrap: encoded } = z.object({ bootstrap: z.string() }).parse(JSON.parse(answer));
  return bootstrapSchema.parse(parse(Buffer.from(encoded, 'base64').toString())).node.metadata;
}

/** Gets a bootstrap and opens the stream. */
export async function connect(
  plane: ControlPlaneClient,
  mesh: string,
  seat: Seat,
  token: string,
  events: Pick<ProxyOptions, 'onResponse' | 'onLost'>,
  protocol: BenchProtocol = 'delta',
): Promise<FleetProxy> {
  const metadata = await bootstrap(plane, mesh, seat, token);
  const proxy = createFleetProxy({
    address: plane.dpAddress,
    ca: plane.ca,
    mesh,
    name: seat.name,
    token,
    protocol,
    metadata,
    ...events,
  });
  proxy.connect();
  return proxy;
}

/** Whether a proxy has got something of all that it must have: listeners, clusters and their endpoints. */
export function configured(proxy: FleetProxy | undefined, seat: Seat): boolean {
  const has = (type: string, least: number) => (proxy?.held.get(type)?.size ?? 0) >= least;
  return (
    has(typeUrls.listener, seat.consumes.length + 1) &&
    has(typeUrls.cluster, seat.consumes.length + 1) &&
    has(typeUrls.endpoint, seat.consumes.length)
  );
}
