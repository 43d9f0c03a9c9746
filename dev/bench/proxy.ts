import { create, fromBinary, type JsonObject, toBinary } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
import { typeUrls } from '../../src/compile/snapshot.ts';
import {
  Cluster_DiscoveryType,
  ClusterSchema,
} from '../../src/envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import { NodeSchema } from '../../src/envoy/gen/envoy/config/core/v3/base_pb.ts';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../src/envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';

export interface ProxyOptions {
  readonly address: string;
  readonly ca: Buffer;
  readonly mesh: string;
  readonly name: string;
  readonly token: string;
  /** The node's metadata, as a bootstrap has it. */
  readonly metadata: JsonObject;
  /** Every response, once it is taken in. */
  readonly onResponse: (proxy: FleetProxy, response: DeltaDiscoveryResponse) => void;
  /** The stream ended although nobody closed it. */
  readonly onLost: (proxy: FleetProxy, error: Error) => void;
}

/** One proxy without an Envoy: it subscribes as Envoy does, takes everything and remembers what it holds. */
export interface FleetProxy {
  readonly name: string;
  /** The names and versions that it holds, by type. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly received: { responses: number; resources: number; bytes: number };
  /** Opens the stream; a second time it names what it holds, as Envoy does. */
  connect(): void;
  close(): void;
}

/** EDS clusters by the cluster's version, so that a thousand proxies decode one cluster once. */
const edsNames = new Map<string, string | undefined>();

function edsNameOf(version: string, bytes: Uint8Array): string | undefined {
  if (!edsNames.has(version)) {
    const cluster = fromBinary(ClusterSchema, bytes);
    const isEds =
      cluster.clusterDiscoveryType.case === 'type' &&
      cluster.clusterDiscoveryType.value === Cluster_DiscoveryType.EDS;
    edsNames.set(version, isEds ? cluster.edsClusterConfig?.serviceName || cluster.name : undefined);
  }
  return edsNames.get(version);
}

/** Makes a proxy; nothing is connected yet. */
export function createFleetProxy(options: ProxyOptions): FleetProxy {
  const held = new Map<string, Map<string, string>>();
  const received = { responses: 0, resources: 0, bytes: 0 };
  let client: Client | undefined;
  let stream: ClientDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> | undefined;
  let subscribed = new Set<string>();

  const subscribe = (typeUrl: string, names: readonly string[]) => {
    const fresh = !subscribed.has(typeUrl);
    subscribed.add(typeUrl);
    stream?.write(
      create(DeltaDiscoveryRequestSchema, {
        typeUrl,
        resourceNamesSubscribe: [...names],
        ...(fresh && { initialResourceVersions: Object.fromEntries(held.get(typeUrl) ?? []) }),
        ...(subscribed.size === 1 && {
          node: create(NodeSchema, { id: `${options.mesh}.${options.name}`, metadata: options.metadata }),
        }),
      }),
    );
  };

  const take = (response: DeltaDiscoveryResponse) => {
    const resources = held.get(response.typeUrl) ?? new Map<string, string>();
    held.set(response.typeUrl, resources);
    const follow: string[] = [];
    for (const { name, version, resource } of response.resources) {
      const known = resources.has(name);
      resources.set(name, version);
      received.resources += 1;
      received.bytes += resource?.value.length ?? 0;
      if (!known && response.typeUrl === typeUrls.cluster && resource !== undefined) {
        const eds = edsNameOf(version, resource.value);
        follow.push(...(eds === undefined ? [] : [eds]));
      }
    }
    for (const name of response.removedResources) {
      resources.delete(name);
    }
    received.responses += 1;
    stream?.write(
      create(DeltaDiscoveryRequestSchema, { typeUrl: response.typeUrl, responseNonce: response.nonce }),
    );
    if (follow.length > 0) {
      subscribe(typeUrls.endpoint, follow);
    }
  };

  const proxy: FleetProxy = {
    name: options.name,
    held,
    received,
    connect() {
      client = new Client(options.address, credentials.createSsl(options.ca), {
        'grpc.use_local_subchannel_pool': 1,
      });
      const metadata = new Metadata();
      metadata.set('authorization', options.token);
      subscribed = new Set();
      const opened: ClientDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> =
        client.makeBidiStreamRequest(
          '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
          (message: DeltaDiscoveryRequest) => Buffer.from(toBinary(DeltaDiscoveryRequestSchema, message)),
          (bytes: Buffer) => fromBinary(DeltaDiscoveryResponseSchema, bytes),
          metadata,
        );
      stream = opened;
      opened.on('data', (response: DeltaDiscoveryResponse) => {
        take(response);
        options.onResponse(proxy, response);
      });
      opened.on('error', (error) => {
        if (stream === opened) {
          stream = undefined;
          options.onLost(proxy, error);
        }
      });
      subscribe(typeUrls.cluster, []);
      subscribe(typeUrls.listener, []);
      const endpoints = [...(held.get(typeUrls.endpoint)?.keys() ?? [])];
      if (endpoints.length > 0) {
        subscribe(typeUrls.endpoint, endpoints);
      }
    },
    close() {
      const open = stream;
      stream = undefined;
      open?.cancel();
      client?.close();
    },
  };
  return proxy;
}
