import { fromBinary, type JsonObject } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
import { typeUrls } from '../../src/compile/snapshot.ts';
import {
  Cluster_DiscoveryType,
  ClusterSchema,
} from '../../src/envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import { type Ask, type BenchProtocol, exchanges, type Sent } from './exchange.ts';

export interface ProxyOptions {
  readonly address: string;
  readonly ca: Buffer;
  readonly mesh: string;
  readonly name: string;
  readonly token: string;
  readonly protocol: BenchProtocol;
  /** The node's metadata, as a bootstrap has it. */
  readonly metadata: JsonObject;
  /** Every response, once it is taken in. */
  readonly onResponse: (proxy: FleetProxy, response: Sent) => void;
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

/** EDS clusters by their contents, so that a thousand proxies decode one cluster once; forgotten when there are many. */
const edsNames = new Map<string, string | undefined>();
const mostEdsNames = 2_000;

function edsNameOf(name: string, bytes: Uint8Array): string | undefined {
  const key = `${name} ${Buffer.from(bytes).toString('latin1')}`;
  if (!edsNames.has(key)) {
    if (edsNames.size >= mostEdsNames) {
      edsNames.clear();
    }
    const cluster = fromBinary(ClusterSchema, bytes);
    const isEds =
      cluster.clusterDiscoveryType.case === 'type' &&
      cluster.clusterDiscoveryType.value === Cluster_DiscoveryType.EDS;
    edsNames.set(key, isEds ? cluster.edsClusterConfig?.serviceName || cluster.name : undefined);
  }
  return edsNames.get(key);
}

const same = (bytes: Buffer) => bytes;

/** Makes a proxy; nothing is connected yet. */
export function createFleetProxy(options: ProxyOptions): FleetProxy {
  const exchange = exchanges[options.protocol];
  const held = new Map<string, Map<string, string>>();
  const versions = new Map<string, string>();
  const received = { responses: 0, resources: 0, bytes: 0 };
  const names = new Map<string, Set<string>>();
  let client: Client | undefined;
  let stream: ClientDuplexStream<Buffer, Buffer> | undefined;

  const ask = (rest: Pick<Ask, 'typeUrl' | 'subscribe' | 'held' | 'node' | 'accepts'>) => {
    const version = versions.get(rest.typeUrl) ?? '';
    stream?.write(exchange.encode({ ...rest, names: [...(names.get(rest.typeUrl) ?? [])], version }));
  };

  const subscribe = (typeUrl: string, added: readonly string[]) => {
    const isFirst = names.size === 0;
    const isNew = !names.has(typeUrl);
    names.set(typeUrl, new Set([...(names.get(typeUrl) ?? []), ...added]));
    ask({
      typeUrl,
      subscribe: added,
      ...(isNew && { held: held.get(typeUrl) ?? new Map() }),
      ...(isFirst && { node: { id: `${options.mesh}.${options.name}`, metadata: options.metadata } }),
    });
  };

  const take = (response: Sent) => {
    const { typeUrl } = response;
    const resources = held.get(typeUrl) ?? new Map<string, string>();
    held.set(typeUrl, resources);
    versions.set(typeUrl, response.version);
    const endpoints = names.get(typeUrls.endpoint);
    const follow: string[] = [];
    if (response.isWhole) {
      resources.clear();
    }
    for (const { name, version, value } of response.resources) {
      resources.set(name, version);
      received.resources += 1;
      received.bytes += value.length;
      const eds = typeUrl === typeUrls.cluster ? edsNameOf(name, value) : undefined;
      if (eds !== undefined && endpoints?.has(eds) !== true) {
        follow.push(eds);
      }
    }
    for (const name of response.removed) {
      resources.delete(name);
    }
    received.responses += 1;
    ask({ typeUrl, subscribe: [], accepts: response });
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
      names.clear();
      const opened: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
        exchange.path,
        same,
        same,
        metadata,
      );
      stream = opened;
      opened.on('data', (bytes: Buffer) => {
        const response = exchange.decode(bytes);
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
