import { socketAddress } from '../envoy/address.ts';
import { edsCluster, finishCluster, speakHttp } from '../envoy/cluster.ts';
import { connectionManager } from '../envoy/http-connection-manager.ts';
import { finishListener, listener, type NetworkFilter } from '../envoy/listener.ts';
import { kafkaBroker, tcpProxy } from '../envoy/tcp-proxy.ts';
import { clientTls } from '../envoy/tls.ts';
import type { OutboundPlan } from '../match/plan.ts';
import type { ProxyOutbound } from '../match/proxy.ts';
import type { AllEdits } from './edits.ts';
import { encodeCluster, encodeListener } from './encoded.ts';
import { meshAlpn } from './inbound.ts';
import type { MeshFacts } from './mesh-facts.ts';
import { names, outboundCluster, serverName, serviceIdentity } from './names.ts';
import { type ProxyFlags, workloadInternal } from './proxy-flags.ts';
import type { ResourceCache } from './resource-cache.ts';
import type { EncodedResource } from './snapshot.ts';

/**
 * The name of the route that takes everything that no other route takes. Kuma names routes by a hash of their matches;
 * this is the one of a match of the prefix `/`.
 */
const catchAllRoute = '9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo=';

/** The listener of an outbound and the cluster of its service. */
export function outboundResources(
  cache: ResourceCache,
  { outbound, protocol }: OutboundPlan,
  edits: AllEdits,
  mesh: MeshFacts,
  flags: ProxyFlags,
  tls: boolean,
): readonly EncodedResource[] {
  const { key, cluster } = facts(outbound);
  const serviceCluster = cache.get(
    `cluster ${key.tags} ${protocol} ${tls ? mesh.name : ''} ${edits.cluster.key}`,
    () => {
      const draft = edsCluster(cluster);
      speakHttp(draft, 'http2');
      if (tls) {
        draft.cluster.transportSocket = meshTls(outbound, mesh.name);
      }
      edits.cluster.apply({ draft, protocol });
      return encodeCluster(finishCluster(draft));
    },
  );
  const outboundListener = cache.get(
    `outbound ${key.all} ${protocol} ${mesh.name} ${flags.key} ${edits.listener.key}`,
    () => {
      const draft = listener({
        name: names.outboundListener(outbound.address, outbound.port),
        address: socketAddress(outbound.address, outbound.port),
        direction: 'outbound',
        tags: outbound.tags,
        chains: [{ filters: filters(outbound, cluster, protocol, flags) }],
      });
      edits.listener.apply({ draft, protocol, mesh: mesh.name });
      return encodeListener(finishListener(draft));
    },
  );
  return [outboundListener, serviceCluster];
}

interface OutboundFacts {
  readonly cluster: string;
  readonly key: { readonly all: string; readonly tags: string };
}

const known = new WeakMap<ProxyOutbound, OutboundFacts>();

/** The name of the cluster, and texts that stand for the outbound and for its tags; worked out once an outbound. */
function facts(outbound: ProxyOutbound): OutboundFacts {
  let found = known.get(outbound);
  if (found === undefined) {
    const sorted = Object.entries(outbound.tags).sort(([a], [b]) => (a < b ? -1 : 1));
    const tags = JSON.stringify(sorted);
    found = {
      cluster: outboundCluster(outbound.tags),
      key: { all: `${outbound.address} ${outbound.port} ${tags}`, tags },
    };
    known.set(outbound, found);
  }
  return found;
}

/** The name of the cluster that an outbound goes to. */
export function clusterOf(outbound: ProxyOutbound): string {
  return facts(outbound).cluster;
}

function meshTls({ tags, service }: ProxyOutbound, mesh: string) {
  return clientTls({
    certificate: names.identitySecret(mesh),
    authorities: names.authoritySecret(mesh),
    subjects: [{ kind: 'uri', match: 'exact', value: serviceIdentity(mesh, service) }],
    serverName: serverName(tags, mesh),
    alpn: [meshAlpn],
  });
}

function filters(
  { service }: ProxyOutbound,
  cluster: string,
  protocol: OutboundPlan['protocol'],
  { ipv6 }: ProxyFlags,
): NetworkFilter[] {
  switch (protocol) {
    case 'http':
    case 'http2':
    case 'grpc':
      return [
        {
          kind: 'http',
          manager: connectionManager({
            name: service,
            internal: workloadInternal,
            ipv6,
            normalizePath: true,
            grpcStatistics: protocol === 'grpc',
            routes: routes(service, cluster),
          }),
        },
      ];
    case 'kafka':
      return [
        { kind: 'finished', filter: kafkaBroker(service) },
        { kind: 'tcp', proxy: tcpProxy(service, cluster) },
      ];
    default:
      return [{ kind: 'tcp', proxy: tcpProxy(service, cluster) }];
  }
}

function routes(service: string, cluster: string) {
  return {
    name: names.outboundRoutes(service),
    virtualHosts: [
      {
        name: service,
        domains: ['*'],
        routes: [
          {
            name: catchAllRoute,
            match: { pathSpecifier: { case: 'prefix', value: '/' } as const },
            action: {
              case: 'route',
              value: { clusterSpecifier: { case: 'cluster', value: cluster } as const },
            } as const,
          },
        ],
      },
    ],
    validateClusters: false,
  };
}
