import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Node, NodeSchema } from '../../src/envoy/gen/envoy/config/core/v3/base_pb.ts';
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from '../../src/envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { resourceName } from './resource-name.ts';

export type BenchProtocol = 'delta' | 'sotw';

/** One resource as a proxy was sent it. */
export interface SentResource {
  readonly name: string;
  /** Of the resource where the protocol tells, else of the whole response. */
  readonly version: string;
  readonly value: Uint8Array;
}

/** What a response says, in either protocol. */
export interface Sent {
  readonly typeUrl: string;
  readonly version: string;
  readonly nonce: string;
  readonly resources: readonly SentResource[];
  readonly removed: readonly string[];
  /** What is not named is no more: state of the world, of clusters and listeners. */
  readonly isWhole: boolean;
}

/** A request of either protocol. */
export interface Ask {
  readonly typeUrl: string;
  /** With the first request of a stream. */
  readonly node?: { readonly id: string; readonly metadata: NonNullable<Node['metadata']> };
  /** Names that are new to the subscription. */
  readonly subscribe: readonly string[];
  /** All names of the subscription; none is a wildcard. */
  readonly names: readonly string[];
  /** What the proxy holds, with the first request of a type. */
  readonly held?: ReadonlyMap<string, string>;
  /** The response that this accepts. */
  readonly accepts?: Pick<Sent, 'nonce' | 'version'>;
  /** The version that it holds. */
  readonly version: string;
}

/** How a proxy speaks. */
export interface Exchange {
  readonly path: string;
  encode(ask: Ask): Buffer;
  decode(bytes: Buffer): Sent;
}

const service = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

const delta: Exchange = {
  path: `${service}/DeltaAggregatedResources`,
  encode: ({ typeUrl, node, subscribe, held, accepts }) =>
    Buffer.from(
      toBinary(
        DeltaDiscoveryRequestSchema,
        create(DeltaDiscoveryRequestSchema, {
          typeUrl,
          resourceNamesSubscribe: [...subscribe],
          ...(held !== undefined && { initialResourceVersions: Object.fromEntries(held) }),
          ...(accepts !== undefined && { responseNonce: accepts.nonce }),
          ...(node !== undefined && { node: create(NodeSchema, node) }),
        }),
      ),
    ),
  decode(bytes) {
    const response = fromBinary(DeltaDiscoveryResponseSchema, bytes);
    return {
      typeUrl: response.typeUrl,
      version: response.systemVersionInfo,
      nonce: response.nonce,
      resources: response.resources.map(({ name, version, resource }) => ({
        name,
        version,
        value: resource?.value ?? new Uint8Array(),
      })),
      removed: response.removedResources,
      isWhole: false,
    };
  },
};

const sotw: Exchange = {
  path: `${service}/StreamAggregatedResources`,
  encode: ({ typeUrl, node, names, accepts, version }) =>
    Buffer.from(
      toBinary(
        DiscoveryRequestSchema,
        create(DiscoveryRequestSchema, {
          typeUrl,
          resourceNames: [...names],
          versionInfo: accepts?.version ?? version,
          ...(accepts !== undefined && { responseNonce: accepts.nonce }),
          ...(node !== undefined && { node: create(NodeSchema, node) }),
        }),
      ),
    ),
  decode(bytes) {
    const { typeUrl, versionInfo, nonce, resources } = fromBinary(DiscoveryResponseSchema, bytes);
    return {
      typeUrl,
      version: versionInfo,
      nonce,
      resources: resources.map(({ value }) => ({
        name: resourceName(typeUrl, value),
        version: versionInfo,
        value,
      })),
      removed: [],
      isWhole: typeUrl.endsWith('.Cluster') || typeUrl.endsWith('.Listener'),
    };
  },
};

/** The two protocols of xDS as a proxy speaks them. Source: Envoy's "xDS REST and gRPC protocol". */
export const exchanges: Readonly<Record<BenchProtocol, Exchange>> = { delta, sotw };
