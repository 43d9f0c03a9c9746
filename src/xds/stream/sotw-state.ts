import { createHash } from 'node:crypto';
import type { SotwRequest } from './discovery-request.ts';
import { Subscription } from './subscription.ts';
import {
  checkNames,
  type Draft,
  type Servable,
  type ServableMap,
  type Step,
  type TypeState,
  type Verdict,
} from './type-state.ts';

export interface SotwStateOptions {
  /**
   * A response carries all that the proxy is to have, and what it leaves out is removed: so clusters and listeners
   * work. Other types take what they are given and keep the rest.
   */
  readonly whole: boolean;
  /** As in the incremental protocol: what is gone goes along with additions. */
  readonly removeAtOnce?: boolean;
  /**
   * What is sent of a name that a proxy asks for in the course of a stream and that there is none of any more: it came
   * and went before the proxy asked. This protocol has no other way to say so, and a proxy that is not told waits.
   * Nothing is sent where this is absent.
   */
  readonly absent?: (name: string) => Servable;
}

/** Two numbers of 32 bits for a name and its version; where a name has no resource, its version is empty. */
function weigh(name: string, version: string): readonly [number, number] {
  const hash = createHash('sha256').update(`${name}\0${version}`).digest();
  return [hash.readUInt32BE(0), hash.readUInt32BE(4)];
}

/** Many proxies are sent the same resource, and one of it with each change of any other. */
const weights = new WeakMap<Servable, readonly [number, number]>();

function weightOf(resource: Servable): readonly [number, number] {
  const known = weights.get(resource) ?? weigh(resource.name, resource.version);
  weights.set(resource, known);
  return known;
}

/**
 * One text for a set of resources in whatever order: what `version_info` tells the proxy, and the proxy us. It is the sum of
 * what each weighs, so that it costs an addition for each.
 */
function versionOf(weighed: Iterable<readonly [number, number]>): string {
  let high = 0;
  let low = 0;
  for (const [first, second] of weighed) {
    high = (high + first) >>> 0;
    low = (low + second) >>> 0;
  }
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
}

/**
 * The subscription to one type in the state-of-the-world protocol.
 *
 * The version is a hash of all that the proxy is to have of the type, so that one that reconnects and names the same
 * version is sent nothing. Source: Envoy's xDS protocol, "SotW".
 */
export function createSotwState(options: SotwStateOptions): TypeState<SotwRequest> {
  return new SotwState(options);
}

const noNames: ReadonlySet<string> = new Set();

class SotwState extends Subscription implements TypeState<SotwRequest> {
  readonly #whole: boolean;
  readonly #absent: SotwStateOptions['absent'];
  #wildcard = false;
  #everNamed = false;
  #owesAnswer = false;
  protected names = noNames;
  /** Those of the names that the first request of the stream did not have; what the others hold it may still use. */
  #late: Set<string> | undefined;
  /** What was sent last of each name, taken or not. */
  readonly #held = new Map<string, Servable>();
  /** The version that the proxy named when it connected; cleared once it was compared. */
  #claimed = '';

  constructor({ whole, removeAtOnce = false, absent }: SotwStateOptions) {
    super(removeAtOnce);
    this.#absent = absent;
    this.#whole = whole;
  }

  receive(request: SotwRequest): Verdict | undefined {
    if (!this.subscribed) {
      this.subscribed = true;
      this.#claimed = request.version;
      this.#owesAnswer = true;
      this.#applyNames(request, true);
      this.exchange.unsettle();
      return undefined;
    }
    if (request.nonce !== '' && request.nonce !== this.exchange.lastNonce) {
      // An answer to a response that a newer one has overtaken; what it names has been, too (xDS protocol, "ACK and NACK").
      return undefined;
    }
    this.#applyNames(request);
    return this.exchange.answer(request.nonce, request.refusal);
  }

  next(step: Step): Draft | undefined {
    const offer = this.subscribed ? this.exchange.toCompare(step) : undefined;
    if (offer === undefined) {
      return undefined;
    }
    const wanted = this.#wantedOf(offer.resources);
    this.#compareClaim(wanted);
    const keepGone = step === 'additions' && !this.removeAtOnce;
    const empty = this.#owesAnswer && this.#whole ? [] : undefined;
    const resources =
      (this.#whole ? this.#wholeDraft(wanted, keepGone) : this.#partialDraft(wanted)) ?? empty;
    if (resources === undefined) {
      this.exchange.settle(step);
      if (!this.#whole || this.#held.size === wanted.size) {
        this.exchange.settle('all');
      }
      return undefined;
    }
    this.#owesAnswer = false;
    const changed = resources.filter((one) => this.#differs(one)).map((resource) => resource.name);
    this.#remember(resources);
    const version = this.#versionFor(this.#whole ? resources : wanted.values());
    const isAll = !this.#whole || resources.length === wanted.size;
    const nonce = this.exchange.send(offer, isAll, this.#whole ? undefined : changed);
    return { resources, changed, removed: [], version, nonce };
  }

  #applyNames(request: SotwRequest, isFirst = false): void {
    checkNames(request.names.length);
    const wanted = new Set(request.names);
    this.#everNamed ||= wanted.size > 0;
    this.#wildcard = wanted.delete('*') || (this.#whole && !this.#everNamed);
    for (const name of this.#held.keys()) {
      if (!this.#whole && !this.#wildcard && !wanted.has(name)) {
        this.#held.delete(name);
        this.again?.delete(name);
        this.exchange.forget(name);
      }
    }
    const added = [...wanted].filter((name) => !this.names.has(name));
    if (wanted.size !== this.names.size || added.length > 0) {
      this.#noteLate(wanted, isFirst ? [] : added);
      this.names = wanted.size === 0 ? noNames : wanted;
      this.exchange.unsettle();
    }
  }

  #noteLate(wanted: ReadonlySet<string>, added: readonly string[]): void {
    if (this.#absent === undefined) {
      return;
    }
    const late = [...(this.#late ?? []), ...added].filter((name) => wanted.has(name));
    this.#late = late.length === 0 ? undefined : new Set(late);
  }

  #wantedOf(resources: ServableMap): ServableMap {
    if (this.#wildcard) {
      return resources;
    }
    const found = new Map<string, Servable>();
    for (const name of this.names) {
      const resource = resources.get(name) ?? this.#standIn(name);
      if (resource !== undefined) {
        found.set(name, resource);
      }
    }
    return found;
  }

  #standIn(name: string): Servable | undefined {
    if (this.#absent === undefined || this.#late?.has(name) !== true) {
      return undefined;
    }
    const held = this.#held.get(name);
    const standIn = this.#absent(name);
    return held === undefined || held.version === standIn.version ? standIn : undefined;
  }

  /** A proxy that names the version that it would be given holds all of it. */
  #compareClaim(wanted: ServableMap): void {
    if (this.#claimed === '') {
      return;
    }
    if (this.#claimed === this.#versionFor(wanted.values())) {
      this.#remember([...wanted.values()].filter(({ name }) => this.again?.has(name) !== true));
      this.#owesAnswer = false;
    }
    this.#claimed = '';
  }

  /** The version of a whole response is that of what it carries; that of a part is that of all the proxy has then. */
  #versionFor(resources: Iterable<Servable>): string {
    const all = [...resources];
    const missing = this.#whole || all.length === this.names.size ? [] : this.#missing(all);
    return versionOf([...all.map(weightOf), ...missing.map((name) => weigh(name, ''))]);
  }

  /** The names that are asked for and that none of these have. */
  #missing(resources: readonly Servable[]): readonly string[] {
    const found = new Set(resources.map(({ name }) => name));
    return [...this.names].filter((name) => !found.has(name));
  }

  #differs(resource: Servable): boolean {
    const held = this.#held.get(resource.name);
    return held?.version !== resource.version || this.again?.has(resource.name) === true;
  }

  /** All that the proxy is to have, where that differs from what it was sent last. */
  #wholeDraft(wanted: ServableMap, keepGone: boolean): readonly Servable[] | undefined {
    const left = [...this.#held.values()].filter((resource) => !wanted.has(resource.name));
    const all = [...wanted.values()];
    const changed = all.some((one) => this.#differs(one)) || (left.length > 0 && !keepGone);
    return changed ? [...all, ...(keepGone ? left : [])] : undefined;
  }

  #partialDraft(wanted: ServableMap): readonly Servable[] | undefined {
    const changed = [...wanted.values()].filter((one) => this.#differs(one));
    return changed.length > 0 ? changed : undefined;
  }

  #remember(resources: Iterable<Servable>): void {
    if (this.#whole) {
      this.#held.clear();
    }
    for (const resource of resources) {
      this.#held.set(resource.name, resource);
      this.again?.delete(resource.name);
    }
    if (this.again?.size === 0) {
      this.again = undefined;
    }
  }
}
