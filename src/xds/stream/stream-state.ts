import { create } from '@bufbuild/protobuf';
import { encodeLoadAssignment } from '../../compile/encoded.ts';
import { type Snapshot, type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import { ClusterLoadAssignmentSchema } from '../../envoy/gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { createDeltaState } from './delta-state.ts';
import {
  type DeltaRequest,
  decodeDeltaRequest,
  decodeSotwRequest,
  type SotwRequest,
} from './discovery-request.ts';
import { deltaFrame, sotwFrame } from './response-frame.ts';
import { runtimeLayers, runtimeTypeUrl } from './runtime-layer.ts';
import { createSotwState } from './sotw-state.ts';
import type { Draft, Step, TypeState, Verdict } from './type-state.ts';

/** The types that come from snapshots. */
const servedTypes: readonly TypeUrl[] = Object.values(typeUrls);
const knownTypes: ReadonlySet<string> = new Set([...servedTypes, runtimeTypeUrl]);

function isKnown(typeUrl: string): typeUrl is TypeUrl | typeof runtimeTypeUrl {
  return knownTypes.has(typeUrl);
}

/** A response that is ready to be written. */
export interface OutgoingResponse {
  readonly typeUrl: string;
  /** The revision of the snapshot that it was made from. */
  readonly revision: number;
  readonly bytes: Buffer;
}

/** A proxy's answer to a response of one type. */
export interface TypedVerdict {
  readonly typeUrl: string;
  readonly verdict: Verdict;
}

/** What a protocol puts in: how requests are read, subscriptions kept and responses written. */
export interface Protocol<Request extends { readonly typeUrl: string }> {
  readonly decode: (bytes: Uint8Array) => Request;
  readonly createType: (typeUrl: string) => TypeState<Request>;
  readonly frame: (typeUrl: string, draft: Draft) => Buffer;
  /** The proxy says that it comes back with resources of an earlier stream. */
  readonly comesBack: (request: Request) => boolean;
}

/** The incremental protocol. */
export const deltaProtocol: Protocol<DeltaRequest> = {
  decode: decodeDeltaRequest,
  createType: (typeUrl) => createDeltaState({ removeAtOnce: typeUrl === typeUrls.listener }),
  frame: deltaFrame,
  comesBack: (request) => request.initialVersions.size > 0,
};

/** Of a cluster that is about to be removed: without it Envoy would wait for 15 seconds, and so would the removal. */
const noEndpoints = (clusterName: string) =>
  encodeLoadAssignment(create(ClusterLoadAssignmentSchema, { clusterName }));

/** The state-of-the-world protocol. */
export const sotwProtocol: Protocol<SotwRequest> = {
  decode: decodeSotwRequest,
  createType: (typeUrl) =>
    createSotwState({
      whole: typeUrl === typeUrls.cluster || typeUrl === typeUrls.listener,
      removeAtOnce: typeUrl === typeUrls.listener,
      ...(typeUrl === typeUrls.endpoint && { absent: noEndpoints }),
    }),
  frame: sotwFrame,
  comesBack: () => false,
};

/** All subscriptions of one stream, and the order in which they are served. */
export interface StreamState<Request> {
  /** Whether the type is served at all. */
  knows(typeUrl: string): boolean;
  /**
   * Takes a request of a type that is known.
   *
   * @throws KumulusError `bad_request` where it breaks the protocol's bounds.
   */
  receive(request: Request): TypedVerdict | undefined;
  offer(snapshot: Snapshot): void;
  /**
   * The newest revision of which the proxy has taken everything that it asked for; undefined before it has both clusters
   * and listeners.
   */
  readonly completed: number | undefined;
  /** The newest revision, where nothing is in flight nor held back; asked when {@link next} has nothing to say. */
  readonly answered: number | undefined;
  /** The types of which the proxy has refused something and uses what was there before. */
  readonly refused: readonly TypeUrl[];
  /** The next response, which counts as sent; undefined where nothing is to be said now. */
  next(): OutgoingResponse | undefined;
  /** The proxy has come back and its first requests may not all have arrived: nothing is removed before {@link settle}. */
  readonly unsettled: boolean;
  settle(): void;
}

/**
 * Serves types in the order of make before break: clusters with their endpoints and secrets first, then, once the
 * proxy has answered the clusters, listeners and routes, and removals when both have been answered. Envoy answers
 * clusters when the last of them is warm, so listeners never lead to one that is not. Source: Envoy's xDS protocol,
 * "Eventual consistency considerations".
 */
export function createStreamState<Request extends { readonly typeUrl: string }>(
  protocol: Protocol<Request>,
): StreamState<Request> {
  const types = new Map<string, TypeState<Request>>();
  let snapshot: Snapshot | undefined;
  let unsettled = false;
  let everSettled = false;

  /** The state of a type, made when it is first needed: most proxies ask for three or four of them. */
  const typeOf = (typeUrl: TypeUrl | typeof runtimeTypeUrl): TypeState<Request> => {
    const known = types.get(typeUrl);
    if (known !== undefined) {
      return known;
    }
    const type = protocol.createType(typeUrl);
    if (typeUrl === runtimeTypeUrl) {
      type.offer(runtimeLayers, 0);
    } else if (snapshot !== undefined) {
      type.offer(snapshot.resources[typeUrl], snapshot.revision);
    }
    types.set(typeUrl, type);
    return type;
  };

  const take = (typeUrl: string, step: Step): OutgoingResponse | undefined => {
    const draft = types.get(typeUrl)?.next(step);
    if (draft === undefined) {
      return undefined;
    }
    if (typeUrl === typeUrls.cluster) {
      // A cluster that is sent again is warmed again: Envoy waits for its endpoints although it holds them, asks for
      // them anew only in one of the two protocols, and gives up after 15 seconds. So they are sent after each of its
      // clusters. Kuma's load assignments have the name of their cluster.
      typeOf(typeUrls.endpoint).resend(draft.changed);
    }
    return { typeUrl, revision: snapshot?.revision ?? 0, bytes: protocol.frame(typeUrl, draft) };
  };

  const additions = () =>
    take(runtimeTypeUrl, 'all') ??
    take(typeUrls.cluster, 'additions') ??
    take(typeUrls.endpoint, 'additions') ??
    take(typeUrls.secret, 'additions') ??
    (types.get(typeUrls.cluster)?.inFlight === true
      ? undefined
      : (take(typeUrls.listener, 'additions') ?? take(typeUrls.route, 'additions')));

  /** The proxy uses what it was sent last; where it refused that, it uses what was there before. */
  const movedOn = (typeUrl: TypeUrl) => {
    const type = types.get(typeUrl);
    return type === undefined || (!type.inFlight && !type.rejected);
  };

  const removals = () =>
    unsettled ||
    types.get(typeUrls.cluster)?.inFlight ||
    !movedOn(typeUrls.listener) ||
    !movedOn(typeUrls.route)
      ? undefined
      : (take(typeUrls.cluster, 'all') ??
        take(typeUrls.endpoint, 'all') ??
        take(typeUrls.route, 'all') ??
        take(typeUrls.secret, 'all'));

  return {
    knows: isKnown,
    get unsettled() {
      return unsettled;
    },
    settle() {
      unsettled = false;
      everSettled = true;
    },
    receive(request) {
      const { typeUrl } = request;
      if (!isKnown(typeUrl)) {
        return undefined;
      }
      unsettled ||= !everSettled && protocol.comesBack(request);
      const verdict = typeOf(typeUrl).receive(request);
      return verdict === undefined ? undefined : { typeUrl, verdict };
    },
    offer(newer) {
      snapshot = newer;
      for (const typeUrl of servedTypes) {
        types.get(typeUrl)?.offer(newer.resources[typeUrl], newer.revision);
      }
    },
    get completed() {
      if (unsettled || !types.has(typeUrls.cluster) || !types.has(typeUrls.listener)) {
        return undefined;
      }
      const asked = servedTypes
        .flatMap((typeUrl) => types.get(typeUrl) ?? [])
        .filter((type) => type.subscribed);
      // Where one of them has none yet, there is none.
      const least = Math.min(...asked.map(({ completed = -1 }) => completed));
      return least < 0 ? undefined : least;
    },
    get answered() {
      const waits = unsettled || servedTypes.some((typeUrl) => types.get(typeUrl)?.inFlight);
      return waits ? undefined : snapshot?.revision;
    },
    get refused() {
      return servedTypes.filter((typeUrl) => types.get(typeUrl)?.rejected);
    },
    next: () => additions() ?? removals(),
  };
}
