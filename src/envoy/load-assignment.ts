import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Address } from './gen/envoy/config/core/v3/address_pb.ts';
import type { LbEndpointSchema } from './gen/envoy/config/endpoint/v3/endpoint_components_pb.ts';
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from './gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { textMetadata } from './metadata.ts';

/** One member of a cluster. */
export interface Endpoint {
  readonly address: Address;
  /** Stands in the metadata for subset load balancing and for transport socket matches; none where it is empty. */
  readonly metadata: Readonly<Record<string, string>>;
  /** `load_balancing_weight`; none where it is absent. */
  readonly weight?: number;
}

/** Members of a cluster in one zone. */
export interface Locality {
  /** None where it is absent. */
  readonly zone?: string;
  readonly endpoints: readonly Endpoint[];
}

/** The members of a cluster, in the order given. */
export function loadAssignment(clusterName: string, localities: readonly Locality[]): ClusterLoadAssignment {
  return create(ClusterLoadAssignmentSchema, {
    clusterName,
    endpoints: localities.map(({ zone, endpoints }) => ({
      ...(zone === undefined ? {} : { locality: { zone } }),
      lbEndpoints: endpoints.map(lbEndpoint),
    })),
  });
}

function lbEndpoint({ address, metadata, weight }: Endpoint): MessageInitShape<typeof LbEndpointSchema> {
  return {
    hostIdentifier: { case: 'endpoint', value: { address } },
    ...(Object.keys(metadata).length === 0
      ? {}
      : { metadata: textMetadata(['envoy.lb', 'envoy.transport_socket_match'], metadata) }),
    ...(weight === undefined ? {} : { loadBalancingWeight: weight }),
  };
}
