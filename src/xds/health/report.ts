import { fromBinary } from '@bufbuild/protobuf';
import type { Node } from '../../envoy/gen/envoy/config/core/v3/base_pb.ts';
import { HealthStatus } from '../../envoy/gen/envoy/config/core/v3/health_check_pb.ts';
import {
  type ClusterEndpointsHealth,
  HealthCheckRequestOrEndpointHealthResponseSchema,
  HealthCheckRequestSchema,
} from '../../envoy/gen/envoy/service/health/v3/hds_pb.ts';
import { KumulusError } from '../../model/errors.ts';
import { checkRequestShape } from '../stream/request-shape.ts';
import { adminCluster, adminClusterUnified, portOfLocalCluster } from './cluster-names.ts';
import type { HealthReport } from './health-session.ts';

/** Where the node is: in `health_check_request`. */
const nodePath = [
  HealthCheckRequestOrEndpointHealthResponseSchema.field.healthCheckRequest.number,
  HealthCheckRequestSchema.field.node.number,
] as const;

/** What a proxy says on a stream of health checks: who it is, or what it found. */
export type HealthMessage =
  | { readonly kind: 'request'; readonly node: Node | undefined }
  | { readonly kind: 'report'; readonly report: HealthReport };

/** An endpoint that has not been checked yet counts as healthy, as in Envoy. Each check of ours has one endpoint. */
function isHealthy(cluster: ClusterEndpointsHealth): boolean | undefined {
  const status = cluster.localityEndpointsHealth[0]?.endpointsHealth[0]?.healthStatus;
  return status === undefined
    ? undefined
    : status === HealthStatus.HEALTHY || status === HealthStatus.UNKNOWN;
}

function reportOf(clusters: readonly ClusterEndpointsHealth[]): HealthReport {
  const ports = new Map<number, boolean>();
  let envoy = true;
  for (const cluster of clusters) {
    const healthy = isHealthy(cluster);
    const port = portOfLocalCluster(cluster.clusterName);
    if (healthy !== undefined && port !== undefined) {
      ports.set(port, healthy);
    } else if (healthy === false && [adminCluster, adminClusterUnified].includes(cluster.clusterName)) {
      envoy = false;
    }
  }
  return { envoy, ports };
}

/** @throws KumulusError `bad_request` where the bytes are no `HealthCheckRequestOrEndpointHealthResponse`. */
export function readHealthMessage(bytes: Uint8Array): HealthMessage {
  checkRequestShape(bytes, nodePath);
  try {
    const { requestType } = fromBinary(HealthCheckRequestOrEndpointHealthResponseSchema, bytes);
    return requestType.case === 'endpointHealthResponse'
      ? { kind: 'report', report: reportOf(requestType.value.clusterEndpointsHealth) }
      : { kind: 'request', node: requestType.value?.node };
  } catch (error) {
    throw new KumulusError('bad_request', 'the health check message cannot be read', { cause: error });
  }
}
