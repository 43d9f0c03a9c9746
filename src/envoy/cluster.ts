import { isIP } from 'node:net';
import { create } from '@bufbuild/protobuf';
import { pack } from './any.ts';
import { seconds } from './duration.ts';
import {
  type Cluster,
  Cluster_DiscoveryType,
  Cluster_DnsLookupFamily,
  ClusterSchema,
} from './gen/envoy/config/cluster/v3/cluster_pb.ts';
import type { Address } from './gen/envoy/config/core/v3/address_pb.ts';
import { ApiVersion } from './gen/envoy/config/core/v3/config_source_pb.ts';
import {
  type HttpProtocolOptions,
  HttpProtocolOptions_ExplicitHttpConfigSchema,
  HttpProtocolOptionsSchema,
} from './gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts';
import { loadAssignment } from './load-assignment.ts';
import { statisticName } from './statistics.ts';

/** Where Envoy finds the configuration that a resource refers to: on the stream that brought the resource. */
export const fromAds = {
  resourceApiVersion: ApiVersion.V3,
  configSourceSpecifier: { case: 'ads', value: {} },
} as const;

/** A cluster that is still being worked on. The options of HTTP are packed only when it is finished. */
export interface ClusterDraft {
  readonly cluster: Cluster;
  /** `envoy.extensions.upstreams.http.v3.HttpProtocolOptions`; absent for clusters that carry no HTTP. */
  http?: HttpProtocolOptions;
}

/** How a cluster speaks HTTP to its members. */
export type HttpVersion = 'http1' | 'http2';

function draft(cluster: Cluster): ClusterDraft {
  const alternative = statisticName(cluster.name);
  if (alternative !== cluster.name) {
    cluster.altStatName = alternative;
  }
  return { cluster };
}

/** A cluster whose members come by EDS over the same stream. */
export function edsCluster(name: string): ClusterDraft {
  return draft(
    create(ClusterSchema, {
      name,
      clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.EDS },
      edsClusterConfig: { edsConfig: fromAds },
      connectTimeout: seconds(5),
    }),
  );
}

/** A cluster with one member. A host name makes it resolve the name, IPv4 addresses only. */
export function singleMemberCluster(name: string, address: Address): ClusterDraft {
  const byName = address.address.case === 'socketAddress' && isIP(address.address.value.address) === 0;
  return draft(
    create(ClusterSchema, {
      name,
      clusterDiscoveryType: {
        case: 'type',
        value: byName ? Cluster_DiscoveryType.STRICT_DNS : Cluster_DiscoveryType.STATIC,
      },
      dnsLookupFamily: byName ? Cluster_DnsLookupFamily.V4_ONLY : Cluster_DnsLookupFamily.AUTO,
      connectTimeout: seconds(5),
      loadAssignment: loadAssignment(name, [{ endpoints: [{ address, metadata: {} }] }]),
    }),
  );
}

/** Makes a cluster speak HTTP; the options that are there already stay. */
export function speakHttp(draft: ClusterDraft, version: HttpVersion): void {
  httpOptions(draft).upstreamProtocolOptions = {
    case: 'explicitHttpConfig',
    value: create(HttpProtocolOptions_ExplicitHttpConfigSchema, {
      protocolConfig:
        version === 'http1'
          ? { case: 'httpProtocolOptions', value: {} }
          : { case: 'http2ProtocolOptions', value: {} },
    }),
  };
}

/** The cluster's HTTP options, made where there are none. */
export function httpOptions(draft: ClusterDraft): HttpProtocolOptions {
  draft.http ??= create(HttpProtocolOptionsSchema);
  return draft.http;
}

const httpOptionsKey = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** The cluster with everything packed. */
export function finishCluster({ cluster, http }: ClusterDraft): Cluster {
  if (http !== undefined) {
    cluster.typedExtensionProtocolOptions[httpOptionsKey] = pack(HttpProtocolOptionsSchema, http);
  }
  return cluster;
}
