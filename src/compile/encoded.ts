import { encodeResource } from '../envoy/encode.ts';
import { type Cluster, ClusterSchema } from '../envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from '../envoy/gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { type Listener, ListenerSchema } from '../envoy/gen/envoy/config/listener/v3/listener_pb.ts';
import {
  type Secret,
  SecretSchema,
} from '../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import { type EncodedResource, typeUrls } from './snapshot.ts';

export function encodeListener(listener: Listener): EncodedResource {
  return encodeResource(listener.name, typeUrls.listener, ListenerSchema, listener);
}

export function encodeCluster(cluster: Cluster): EncodedResource {
  return encodeResource(cluster.name, typeUrls.cluster, ClusterSchema, cluster);
}

export function encodeLoadAssignment(assignment: ClusterLoadAssignment): EncodedResource {
  return encodeResource(assignment.clusterName, typeUrls.endpoint, ClusterLoadAssignmentSchema, assignment);
}

export function encodeSecret(secret: Secret): EncodedResource {
  return encodeResource(secret.name, typeUrls.secret, SecretSchema, secret);
}
