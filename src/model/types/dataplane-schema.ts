import type * as z from 'zod';
import * as proto from '../proto-json.ts';

/** Settings of one metrics backend; `conf` is what its type says. */
export const metricsBackendSchema = proto.message({
  name: proto.string(),
  /** Only `prometheus` is known. */
  type: proto.string(),
  conf: proto.struct(),
});

/** One port of the workload; each becomes an inbound listener of Envoy. */
const inboundSchema = proto.message({
  /** Where Envoy listens, or the workload's own port under transparent proxying. */
  port: proto.uint32(),
  /** The workload's port; `port` when absent. */
  servicePort: proto.uint32(),
  serviceAddress: proto.string(),
  /** `networking.address` when absent. */
  address: proto.string(),
  tags: proto.map(),
  health: proto.optional(proto.message({ ready: proto.bool() })),
  serviceProbe: proto.optional(
    proto.message({
      interval: proto.duration(),
      timeout: proto.duration(),
      unhealthyThreshold: proto.uint32Value(),
      healthyThreshold: proto.uint32Value(),
      tcp: proto.optional(proto.message({})),
    }),
  ),
  /** `Ready` when absent. */
  state: proto.enumeration('Dataplane.Networking.Inbound.State', ['Ready', 'NotReady', 'Ignored']),
  name: proto.string(),
});

/** A service that the workload consumes; each becomes an outbound listener of Envoy. */
const outboundSchema = proto.message({
  /** 127.0.0.1 when absent. */
  address: proto.string(),
  port: proto.uint32(),
  tags: proto.map(),
  backendRef: proto.optional(
    proto.message({
      kind: proto.string(),
      name: proto.string(),
      port: proto.uint32(),
      labels: proto.map(),
    }),
  ),
});

/** The proxy is a gateway: traffic that enters the mesh, or `BUILTIN`, Envoy itself as the gateway. */
const gatewaySchema = proto.message({
  tags: proto.map(),
  /** `DELEGATED` when absent. */
  type: proto.enumeration('Dataplane.Networking.Gateway.GatewayType', ['DELEGATED', 'BUILTIN']),
});

const transparentProxyingSchema = proto.message({
  redirectPortInbound: proto.uint32(),
  redirectPortOutbound: proto.uint32(),
  directAccessServices: proto.strings(),
  reachableServices: proto.strings(),
  ipFamilyMode: proto.enumeration('Dataplane.Networking.TransparentProxying.IpFamilyMode', [
    'UnSpecified',
    'DualStack',
    'IPv4',
    'IPv6',
  ]),
  reachableBackends: proto.optional(
    proto.message({
      refs: proto.repeated(
        proto.message({
          kind: proto.string(),
          name: proto.string(),
          namespace: proto.string(),
          port: proto.uint32Value(),
          labels: proto.map(),
        }),
      ),
    }),
  ),
});

const networkingSchema = proto.message({
  address: proto.string(),
  advertisedAddress: proto.string(),
  gateway: proto.optional(gatewaySchema),
  inbound: proto.repeated(inboundSchema),
  outbound: proto.repeated(outboundSchema),
  transparentProxying: proto.optional(transparentProxyingSchema),
  admin: proto.optional(proto.message({ port: proto.uint32() })),
});

/** Kuma's `Dataplane` (`api/mesh/v1alpha1/dataplane.proto`); members in the order in which the reference prints them. */
export const dataplaneSchema = proto.message({
  networking: proto.optional(networkingSchema),
  metrics: proto.optional(metricsBackendSchema),
  probes: proto.optional(
    proto.message({
      port: proto.uint32(),
      endpoints: proto.repeated(
        proto.message({
          inboundPort: proto.uint32(),
          inboundPath: proto.string(),
          path: proto.string(),
        }),
      ),
    }),
  ),
});

export type DataplaneSpec = z.output<typeof dataplaneSchema>;
export type Networking = z.output<typeof networkingSchema>;
export type Inbound = z.output<typeof inboundSchema>;
export type Outbound = z.output<typeof outboundSchema>;
export type Gateway = z.output<typeof gatewaySchema>;
export type TransparentProxying = z.output<typeof transparentProxyingSchema>;
export type MetricsBackend = z.output<typeof metricsBackendSchema>;
