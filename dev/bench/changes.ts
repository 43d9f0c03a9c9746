import { fromBinary } from '@bufbuild/protobuf';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { ClusterSchema } from '../../src/envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import type { ControlPlaneClient } from './control-plane.ts';
import type { Sent } from './exchange.ts';

/** A change of a mesh, and how a proxy's response tells that it has arrived. */
export interface BenchChange {
  make(plane: ControlPlaneClient, mesh: string): Promise<unknown>;
  arrivedWith(response: Sent): boolean;
}

/** Changes the connect timeout of every cluster of every proxy to `milliseconds`. */
export function policyChange(milliseconds: number): BenchChange {
  const seconds = BigInt(Math.floor(milliseconds / 1_000));
  const nanos = (milliseconds % 1_000) * 1_000_000;
  return {
    make: (plane, mesh) =>
      plane.api('PUT', `/meshes/${mesh}/meshtimeouts/bench`, {
        type: 'MeshTimeout',
        mesh,
        name: 'bench',
        spec: {
          targetRef: { kind: 'Mesh' },
          to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: `${milliseconds}ms` } }],
        },
      }),
    arrivedWith: ({ typeUrl, resources }) =>
      typeUrl === typeUrls.cluster &&
      resources.some(({ value }) => {
        const { connectTimeout } = fromBinary(ClusterSchema, value);
        return connectTimeout?.seconds === seconds && connectTimeout.nanos === nanos;
      }),
  };
}

/** Gives a service one more endpoint, or moves it: the inbound of a Dataplane without a proxy. */
export function endpointChange(name: string, service: string, address: string): BenchChange {
  return {
    make: (plane, mesh) =>
      plane.api('PUT', `/meshes/${mesh}/dataplanes/${name}`, {
        type: 'Dataplane',
        mesh,
        name,
        networking: {
          address,
          inbound: [{ port: 8080, tags: { 'kuma.io/service': service, 'kuma.io/protocol': 'http' } }],
        },
      }),
    arrivedWith: ({ typeUrl, resources }) =>
      typeUrl === typeUrls.endpoint && resources.some(({ value }) => Buffer.from(value).includes(address)),
  };
}
