import { socketAddress } from '../envoy/address.ts';
import { edsCluster, finishCluster, speakHttp } from '../envoy/cluster.ts';
import { seconds } from '../envoy/duration.ts';
import { connectionManager } from '../envoy/http-connection-manager.ts';
import { finishListener, listener, type NetworkFilter } from '../envoy/listener.ts';
import { kafkaBroker, tcpProxy } from '../envoy/tcp-proxy.ts';
import { clientTls } from '../envoy/tls.ts';
import { createIdentityTrie } from '../match/identity-trie.ts';
import type { ProxyOutbound } from '../match/proxy.ts';
import type { Protocol } from '../model/protocol.ts';
import type { AllEdits } from './edits.ts';
import { encodeCluster, encodeListener } from './encoded.ts';
import { meshAlpn } from './inbound.ts';
import { names, outboundCluster, serverName, serviceIdentity } from './names.ts';
import { type ProxyFlags, workloadInternal } from './proxy-flags.ts';
import type { ResourceCache } from './resources.ts';
import type { EncodedResource } from './snapshot.ts';

/**
 * The name of the route that takes everything that no other route takes. Kuma names routes by a hash of their matches;
 * this is the one of a match of the prefix `/`.
 */
const catchAllRoute = '9Zuf5Tg79OuZcQITwBbQykxAk2u4fRKrwYn3//AL4Yo=';

/** What an outbound becomes. */
export interface OutboundResources {
  readonly listener: EncodedResource;
  /** The cluster of its service, or of a part of it. */
  readonly cluster: EncodedResource;
}

/** What an outbound is compiled for, beside itself and the policies. Equal settings are one object. */
export interface OutboundSetting {
  readonly mesh: string;
  readonly protocol: Protocol;
  readonly tls: boolean;
  readonly flags: ProxyFlags;
}

/** Makes what outbounds become, once for all proxies for which it is the same. */
export interface OutboundCompiler {
  compile(outbound: ProxyOutbound, edits: AllEdits, setting: OutboundSetting): OutboundResources;
}

/** Makes the compiler of outbounds. */
export function createOutboundCompiler(cache: ResourceCache): OutboundCompiler {
  const known = createIdentityTrie<OutboundResources>();
  return {
    compile: (outbound, edits, setting) =>
      known.get([edits, outbound, setting], () => ({
        listener: outboundListener(cache, outbound, edits, setting),
        cluster: serviceCluster(cache, outbound, edits, setting),
      })),
  };
}

function outboundListener(
  cache: ResourceCache,
  outbound: ProxyOutbound,
  edits: AllEdits,
  { mesh, protocol, flags }: OutboundSetting,
): EncodedResource {
  const { address, port, tags } = outbound;
  const { cluster, key } = facts(outbound);
  return cache.get(
    `outbound ${address} ${port} ${key} ${protocol} ${mesh} ${flags.key} ${edits.listener.key}`,
    () => {
      const draft = listener({
        name: names.outboundListener(address, port),
        address: socketAddress(address, port),
        direction: 'outbound',
        tags,
        chains: [{ filters: filters(outbound, cluster, protocol, flags) }],
      });
      edits.listener.apply({ draft, protocol, mesh });
      return encodeListener(finishListener(draft));
    },
  );
}

function serviceCluster(
  cache: ResourceCache,
  outbound: ProxyOutbound,
  edits: AllEdits,
  { mesh, protocol, tls }: OutboundSetting,
): EncodedResource {
  const { cluster, key } = facts(outbound);
  return cache.get(`cluster ${key} ${protocol} ${tls ? mesh : ''} ${edits.cluster.key}`, () => {
    const draft = edsCluster(cluster);
    speakHttp(draft, 'http2');
    if (tls) {
      draft.cluster.transportSocket = meshTls(outbound, mesh);
    }
    edits.cluster.apply({ draft, protocol });
    return encodeCluster(finishCluster(draft));
  });
}

interface OutboundFacts {
  readonly cluster: string;
  /** A text that stands for the tags, which are in the order of their keys. */
  readonly key: string;
}

const knownFacts = new WeakMap<ProxyOutbound, OutboundFacts>();

/** What follows from an outbound's tags alone; worked out once. */
function facts(outbound: ProxyOutbound): OutboundFacts {
  let found = knownFacts.get(outbound);
  if (found === undefined) {
    found = { cluster: outboundCluster(outbound.tags), key: JSON.stringify(outbound.tags) };
    knownFacts.set(outbound, found);
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
  protocol: Protocol,
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
              // Envoy's own limit of 15 s must not hold where no policy sets one.
              value: { clusterSpecifier: { case: 'cluster', value: cluster } as const, timeout: seconds(0) },
            } as const,
          },
        ],
      },
    ],
    validateClusters: false,
  };
}
