import { create } from '@bufbuild/protobuf';
import { socketAddress } from '../envoy/address.ts';
import {
  type ClusterDraft,
  finishCluster,
  httpOptions,
  singleMemberCluster,
  speakHttp,
} from '../envoy/cluster.ts';
import { seconds } from '../envoy/duration.ts';
import { HttpProtocolOptionsSchema } from '../envoy/gen/envoy/config/core/v3/protocol_pb.ts';
import { commonHttpOptions, connectionManager } from '../envoy/http-connection-manager.ts';
import { type FilterChainDraft, finishListener, listener, type NetworkFilter } from '../envoy/listener.ts';
import { kafkaBroker, tcpProxy } from '../envoy/tcp-proxy.ts';
import { serverTls } from '../envoy/tls.ts';
import type { ProxyInbound } from '../match/proxy.ts';
import type { AllEdits } from './edits.ts';
import { encodeCluster, encodeListener } from './encoded.ts';
import type { MeshFacts } from './mesh-facts.ts';
import { meshIdentityPrefix, names } from './names.ts';
import { type ProxyFlags, workloadInternal } from './proxy-flags.ts';
import { nextSlot, type Slot } from './slot.ts';
import type { EncodedResource } from './snapshot.ts';

/** Timeouts of inbounds before any policy: twice those of outbounds, so that it is the caller who gives up first. */
const inboundTimeouts = { connect: 10, idle: 7200, streamIdle: 3600 } as const;

/** Whether an inbound only stands for a workload without any service: Kuma gives it a reserved port, and nothing listens. */
export function isServiceless({ port }: ProxyInbound): boolean {
  return port === 49_151;
}

/** The protocol by which proxies of the mesh tell their own TLS from that of the workloads (RFC 7301). */
export const meshAlpn = 'kuma';

/** The listener of an inbound, and the cluster of the workload behind it. */
export interface InboundSlots {
  readonly listener: Slot<EncodedResource>;
  readonly cluster: Slot<EncodedResource>;
}

/** What an inbound becomes; what was made before stays where nothing that it is made from has changed. */
export function inboundSlots(
  before: InboundSlots | undefined,
  inbound: ProxyInbound,
  edits: AllEdits,
  mesh: MeshFacts,
  flags: ProxyFlags,
): InboundSlots {
  const { protocol } = inbound;
  return {
    listener: nextSlot(before?.listener, [inbound, mesh.key, flags.key, edits.listener.key], () => {
      const draft = listenerDraft(inbound, mesh, flags);
      edits.listener.apply({ draft, protocol, mesh: mesh.name });
      return encodeListener(finishListener(draft));
    }),
    cluster: nextSlot(before?.cluster, [inbound, edits.cluster.key], () => {
      const draft = clusterDraft(inbound);
      edits.cluster.apply({ draft, protocol });
      return encodeCluster(finishCluster(draft));
    }),
  };
}

function clusterDraft({ workloadAddress, workloadPort, protocol }: ProxyInbound): ClusterDraft {
  const draft = singleMemberCluster(
    names.localCluster(workloadPort),
    socketAddress(workloadAddress, workloadPort),
  );
  draft.cluster.connectTimeout = seconds(inboundTimeouts.connect);
  if (protocol === 'http' || protocol === 'http2' || protocol === 'grpc') {
    httpOptions(draft).commonHttpProtocolOptions = create(HttpProtocolOptionsSchema, {
      idleTimeout: seconds(inboundTimeouts.idle),
    });
    speakHttp(draft, protocol === 'http' ? 'http1' : 'http2');
  }
  return draft;
}

function listenerDraft(inbound: ProxyInbound, mesh: MeshFacts, flags: ProxyFlags) {
  const permissive = mesh.mtls?.mode === 'PERMISSIVE';
  const chain = (rest: Partial<FilterChainDraft>): FilterChainDraft => ({
    filters: filters(inbound, flags),
    ...rest,
  });
  const tls = mesh.mtls === undefined ? {} : { transportSocket: meshTls(mesh.name) };
  return listener({
    name: names.inboundListener(inbound.address, inbound.port),
    address: socketAddress(inbound.address, inbound.port),
    direction: 'inbound',
    reusePort: flags.reusePort,
    tags: Object.keys(inbound.tags).length > 0 ? inbound.tags : selfReference(inbound),
    inspectTls: permissive,
    chains: permissive
      ? [
          chain({ match: { transportProtocol: 'raw_buffer' } }),
          // TLS that is not of the mesh is the workload's own.
          chain({ match: { transportProtocol: 'tls' } }),
          chain({ match: { transportProtocol: 'tls', applicationProtocols: [meshAlpn] }, ...tls }),
        ]
      : [chain(tls)],
  });
}

/** An inbound without tags is still found by patches, under a name that stays when the Dataplane is replaced. */
function selfReference({ sectionName }: ProxyInbound) {
  return { 'kuma.io/unified-name': `self_inbound_dp_${sectionName}` };
}

function meshTls(mesh: string) {
  return serverTls({
    certificate: names.identitySecret(mesh),
    authorities: names.authoritySecret(mesh),
    subjects: [{ kind: 'uri', match: 'prefix', value: meshIdentityPrefix(mesh) }],
  });
}

function filters(inbound: ProxyInbound, flags: ProxyFlags): NetworkFilter[] {
  const cluster = names.localCluster(inbound.workloadPort);
  switch (inbound.protocol) {
    case 'http':
    case 'http2':
    case 'grpc':
      return [{ kind: 'http', manager: manager(inbound, cluster, flags) }];
    case 'kafka':
      return [{ kind: 'finished', filter: kafkaBroker(cluster) }, tcp(cluster)];
    default:
      return [tcp(cluster)];
  }
}

function tcp(cluster: string): NetworkFilter {
  const proxy = tcpProxy(cluster, cluster);
  proxy.idleTimeout = seconds(inboundTimeouts.idle);
  return { kind: 'tcp', proxy };
}

function manager({ service, protocol }: ProxyInbound, cluster: string, { ipv6 }: ProxyFlags) {
  const manager = connectionManager({
    name: cluster,
    internal: workloadInternal,
    ipv6,
    forwardClientCertificate: true,
    grpcStatistics: protocol === 'grpc',
    routes: {
      name: names.inboundRoutes(service),
      virtualHosts: [
        {
          name: service,
          domains: ['*'],
          routes: [
            {
              match: { pathSpecifier: { case: 'prefix', value: '/' } },
              action: {
                case: 'route',
                value: { clusterSpecifier: { case: 'cluster', value: cluster } },
              },
            },
          ],
        },
      ],
      requestHeadersToRemove: ['x-kuma-tags'],
      validateClusters: false,
    },
  });
  commonHttpOptions(manager).idleTimeout = seconds(inboundTimeouts.idle);
  manager.streamIdleTimeout = seconds(inboundTimeouts.streamIdle);
  return manager;
}
