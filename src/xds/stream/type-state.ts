import type { EncodedResource } from '../../compile/snapshot.ts';
import { KumulusError } from '../../model/errors.ts';
import { maxNameLength } from './discovery-request.ts';

/** What a subscription needs to know of a resource; an {@link EncodedResource} of any type URL. */
export type Servable = Pick<EncodedResource, 'name' | 'version' | 'delta' | 'any'>;

/** The resources of one type at one time, by name. */
export type ServableMap = ReadonlyMap<string, Servable>;

/** What one response is to carry, before it is made into bytes. */
export interface Draft {
  readonly resources: readonly Servable[];
  /** Those of the resources that are new to the proxy or have changed. */
  readonly changed: readonly string[];
  /** Names that are gone; always empty in the state-of-the-world protocol. */
  readonly removed: readonly string[];
  /** `version_info` or `system_version_info`. */
  readonly version: string;
  readonly nonce: string;
}

/** How a proxy answered a response. */
export type Verdict =
  | { readonly kind: 'acknowledged'; readonly revision: number }
  | { readonly kind: 'rejected'; readonly revision: number; readonly message: string };

/**
 * Which changes may be sent: `additions` leaves in place what is gone, for it may still be in use; `all` removes it
 * too.
 */
export type Step = 'additions' | 'all';

/**
 * What one stream's proxy wants and holds of one type of resources. It is fed requests and snapshots and says what to
 * send next; it does no I/O and reads no clock.
 */
export interface TypeState<Request> {
  /** The proxy has asked for this type on this stream. */
  readonly subscribed: boolean;
  /** A response waits for its answer. No other is made meanwhile; what changes is merged into the next one. */
  readonly inFlight: boolean;
  /** The proxy has refused something that is still offered, and uses what was there before. */
  readonly rejected: boolean;
  /** The newest revision of which the proxy has taken everything; undefined before there is one. */
  readonly completed: number | undefined;
  /**
   * Takes a request of this type.
   *
   * @throws KumulusError `bad_request` where it names more resources than a proxy can have.
   */
  receive(request: Request): Verdict | undefined;
  /** Takes the newest resources. */
  offer(resources: ServableMap, revision: number): void;
  /** Sends these again where the proxy has subscribed to them, although it holds them. */
  resend(names: Iterable<string>): void;
  /** The next response, which counts as sent; undefined where there is nothing to say now. */
  next(step: Step): Draft | undefined;
}

/** Names a subscription may hold. A proxy with every service of a large mesh has some thousands. */
export const maxNames = 50_000;

/** @throws KumulusError `bad_request` */
export function checkNames(count: number): void {
  if (count > maxNames) {
    throw new KumulusError('bad_request', `a subscription may have at most ${maxNames} names, got ${count}`);
  }
}

/** Characters of all names of a subscription together; Kuma's longest have some four hundred each. */
const maxNamesLength = 4 * 1024 * 1024;
/** So many names, at the length that one may have, are never too long together, and need not be counted. */
const fewNames = maxNamesLength / maxNameLength;

/** @throws KumulusError `bad_request` where the names are too long together. */
export function checkLengths(count: number, names: () => Iterable<string>): void {
  if (count <= fewNames) {
    return;
  }
  let length = 0;
  for (const name of names()) {
    length += name.length;
  }
  if (length > maxNamesLength) {
    throw new KumulusError(
      'bad_request',
      `the names of a subscription may have at most ${maxNamesLength} characters, got ${length}`,
    );
  }
}

/** Envoy's words on a rejection may hold a whole resource; what is kept of them is bounded. */
const maxRefusalLength = 4096;

/** The answer to the response in flight: a refusal where the request has one. */
export function verdictOf(refusal: string | undefined, revision: number): Verdict {
  return refusal === undefined
    ? { kind: 'acknowledged', revision }
    : { kind: 'rejected', revision, message: refusal.slice(0, maxRefusalLength) };
}
