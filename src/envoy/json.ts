import { createRegistry, fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import { ClusterSchema } from './gen/envoy/config/cluster/v3/cluster_pb.ts';
import { ClusterLoadAssignmentSchema } from './gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { ListenerSchema } from './gen/envoy/config/listener/v3/listener_pb.ts';
import { ActionSchema } from './gen/envoy/config/rbac/v3/rbac_pb.ts';
import { RouteConfigurationSchema } from './gen/envoy/config/route/v3/route_pb.ts';
import { FilterConfigSchema } from './gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.ts';
import { RBACSchema as HttpRbacSchema } from './gen/envoy/extensions/filters/http/rbac/v3/rbac_pb.ts';
import { RouterSchema } from './gen/envoy/extensions/filters/http/router/v3/router_pb.ts';
import { TlsInspectorSchema } from './gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.ts';
import { HttpConnectionManagerSchema } from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { KafkaBrokerSchema } from './gen/envoy/extensions/filters/network/kafka_broker/v3/kafka_broker_pb.ts';
import { RBACSchema as NetworkRbacSchema } from './gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.ts';
import { TcpProxySchema } from './gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.ts';
import { UriSanInputSchema } from './gen/envoy/extensions/matching/common_inputs/ssl/v3/ssl_inputs_pb.ts';
import { OmitHostMetadataConfigSchema } from './gen/envoy/extensions/retry/host/omit_host_metadata/v3/omit_host_metadata_config_pb.ts';
import { PreviousHostsPredicateSchema } from './gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.ts';
import { PreviousPrioritiesConfigSchema } from './gen/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config_pb.ts';
import { SecretSchema } from './gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from './gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.ts';
import { HttpProtocolOptionsSchema } from './gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts';

/** Every message that may stand in an `Any` of what proxies are sent. */
const registry = createRegistry(
  ActionSchema,
  ClusterLoadAssignmentSchema,
  ClusterSchema,
  DownstreamTlsContextSchema,
  FilterConfigSchema,
  HttpConnectionManagerSchema,
  HttpProtocolOptionsSchema,
  HttpRbacSchema,
  KafkaBrokerSchema,
  ListenerSchema,
  NetworkRbacSchema,
  OmitHostMetadataConfigSchema,
  PreviousHostsPredicateSchema,
  PreviousPrioritiesConfigSchema,
  RouteConfigurationSchema,
  RouterSchema,
  SecretSchema,
  TcpProxySchema,
  TlsInspectorSchema,
  UpstreamTlsContextSchema,
  UriSanInputSchema,
);

/**
 * The JSON of a resource (https://protobuf.dev/programming-guides/json), from the bytes of its `google.protobuf.Any`.
 * Key material is in it as it was sent; whoever shows it must take it out.
 *
 * @throws Error where the bytes hold a message that is not known here.
 */
export function toEnvoyJson(any: Uint8Array): JsonValue {
  const packed = fromBinary(AnySchema, any);
  const message = anyUnpack(packed, registry);
  const schema = message === undefined ? undefined : registry.getMessage(message.$typeName);
  if (message === undefined || schema === undefined) {
    throw new Error(`no message of the type ${packed.typeUrl} is known`);
  }
  return toJson(schema, message, { registry });
}
