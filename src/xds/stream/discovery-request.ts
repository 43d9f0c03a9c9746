import { fromBinary } from '@bufbuild/protobuf';
import type { Node } from '../../envoy/gen/envoy/config/core/v3/base_pb.ts';
import {
  DeltaDiscoveryRequestSchema,
  DiscoveryRequestSchema,
} from '../../envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { KumulusError } from '../../model/errors.ts';

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

function unreadable(error: unknown): KumulusError {
  return new KumulusError('bad_request', 'the discovery request cannot be read', { cause: error });
}

/** @throws KumulusError `bad_request` where the bytes are no `DeltaDiscoveryRequest`. */
export function decodeDeltaRequest(bytes: Uint8Array): DeltaRequest {
  try {
    const request = fromBinary(DeltaDiscoveryRequestSchema, bytes);
    return {
      typeUrl: request.typeUrl,
      node: request.node,
      nonce: request.responseNonce,
      refusal: request.errorDetail?.message,
      subscribe: request.resourceNamesSubscribe,
      unsubscribe: request.resourceNamesUnsubscribe,
      initialVersions: new Map(Object.entries(request.initialResourceVersions)),
    };
  } catch (error) {
    throw unreadable(error);
  }
}

/** @throws KumulusError `bad_request` where the bytes are no `DiscoveryRequest`. */
export function decodeSotwRequest(bytes: Uint8Array): SotwRequest {
  try {
    const request = fromBinary(DiscoveryRequestSchema, bytes);
    return {
      typeUrl: request.typeUrl,
      node: request.node,
      nonce: request.responseNonce,
      refusal: request.errorDetail?.message,
      names: request.resourceNames,
      version: request.versionInfo,
    };
  } catch (error) {
    throw unreadable(error);
  }
}
