import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import type { Node } from '../../envoy/gen/envoy/config/core/v3/base_pb.ts';
import {
  DeltaDiscoveryRequestSchema,
  DiscoveryRequestSchema,
} from '../../envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { KumulusError } from '../../model/errors.ts';
import { checkRequestShape } from './request-shape.ts';

/** What both protocols have in common. */
interface RequestBase {
  readonly typeUrl: string;
  /** Only the first request of a stream must have it (`set_node_on_first_message_only`). */
  readonly node: Node | undefined;
  /** The response that is answered; empty where nothing is. */
  readonly nonce: string;
  /** Why the response was refused, in Envoy's words; undefined where it was taken. */
  readonly refusal: string | undefined;
}

/** One request of the incremental protocol. */
export interface DeltaRequest extends RequestBase {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** What a proxy that reconnects already holds: name to version. Only in the first request of a type. */
  readonly initialVersions: ReadonlyMap<string, string>;
}

/** One request of the state-of-the-world protocol. */
export interface SotwRequest extends RequestBase {
  readonly names: readonly string[];
  /** The last version that the proxy took. */
  readonly version: string;
}

/** Characters of a name or a version; Kuma's longest names have some four hundred. */
export const maxNameLength = 1024;

/** @throws KumulusError `bad_request` where a name or a version is longer than one can be. */
function checkLengths(texts: Iterable<string>): void {
  for (const { length } of texts) {
    if (length > maxNameLength) {
      const message = `a name or version may have at most ${maxNameLength} characters, got ${length}`;
      throw new KumulusError('bad_request', message);
    }
  }
}

/** @throws KumulusError `bad_request` */
function decode<Schema extends DescMessage>(schema: Schema, bytes: Uint8Array): MessageShape<Schema> {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw new KumulusError('bad_request', 'the discovery request cannot be read', { cause: error });
  }
}

/** @throws KumulusError `bad_request` where the bytes are no `DeltaDiscoveryRequest`, or one that no proxy makes. */
export function decodeDeltaRequest(bytes: Uint8Array): DeltaRequest {
  checkRequestShape(bytes, [DeltaDiscoveryRequestSchema.field.node.number]);
  const request = decode(DeltaDiscoveryRequestSchema, bytes);
  const initialVersions = new Map(Object.entries(request.initialResourceVersions));
  checkLengths(request.resourceNamesSubscribe);
  checkLengths(initialVersions.keys());
  checkLengths(initialVersions.values());
  return {
    typeUrl: request.typeUrl,
    node: request.node,
    nonce: request.responseNonce,
    refusal: request.errorDetail?.message,
    subscribe: request.resourceNamesSubscribe,
    unsubscribe: request.resourceNamesUnsubscribe,
    initialVersions,
  };
}

/** @throws KumulusError `bad_request` where the bytes are no `DiscoveryRequest`, or one that no proxy makes. */
export function decodeSotwRequest(bytes: Uint8Array): SotwRequest {
  checkRequestShape(bytes, [DiscoveryRequestSchema.field.node.number]);
  const request = decode(DiscoveryRequestSchema, bytes);
  checkLengths(request.resourceNames);
  return {
    typeUrl: request.typeUrl,
    node: request.node,
    nonce: request.responseNonce,
    refusal: request.errorDetail?.message,
    names: request.resourceNames,
    version: request.versionInfo,
  };
}
