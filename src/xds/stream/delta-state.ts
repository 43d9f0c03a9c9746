import type { DeltaRequest } from './discovery-request.ts';
import { Subscription } from './subscription.ts';
import {
  checkLengths,
  checkNames,
  type Draft,
  type Servable,
  type ServableMap,
  type Step,
  type TypeState,
  type Verdict,
} from './type-state.ts';

/** Held by a proxy, in a version that no resource has. */
const unknownVersion = '?';
/** The proxy was told that there is no such resource. */
const gone = '';

/** See {@link DeltaStateOptions.maxResponseBytes}. */
const defaultMaxResponseBytes = 1024 * 1024;

export interface DeltaStateOptions {
  /** Removals go along with additions: Envoy needs it of listeners, where a new one may take an old one's address. */
  readonly removeAtOnce?: boolean;
  /** Bytes of resources after which a response is closed and the rest waits for its acknowledgement; 1 MiB unless told. */
  readonly maxResponseBytes?: number;
}

/**
 * The subscription to one type in the incremental protocol.
 *
 * A resource is sent where its version differs from the one that was sent last, taken or not: so a refused one comes
 * again only when it has changed. Source: Envoy's xDS protocol, "Incremental xDS".
 */
export function createDeltaState(options: DeltaStateOptions = {}): TypeState<DeltaRequest> {
  return new DeltaState(options);
}

class DeltaState extends Subscription implements TypeState<DeltaRequest> {
  readonly #maxResponseBytes: number;
  #wildcard = false;
  #owesAnswer = false;
  protected readonly names = new Set<string>();
  readonly #held = new Map<string, string>();
  /** What the proxy said to hold of names that it has not subscribed to yet; few proxies come back with something. */
  #reported: Map<string, string> | undefined;

  constructor({ removeAtOnce = false, maxResponseBytes = defaultMaxResponseBytes }: DeltaStateOptions) {
    super(removeAtOnce);
    this.#maxResponseBytes = maxResponseBytes;
  }

  receive(request: DeltaRequest): Verdict | undefined {
    if (!this.subscribed || request.subscribe.length > 0 || request.unsubscribe.length > 0) {
      this.#applyNames(request);
      this.exchange.unsettle();
    }
    return this.exchange.answer(request.nonce, request.refusal);
  }

  next(step: Step): Draft | undefined {
    const offer = this.subscribed ? this.exchange.toCompare(step) : undefined;
    if (offer === undefined) {
      return undefined;
    }
    const { resources, revision } = offer;
    const { found, complete } = this.#additions(resources);
    const removed = complete ? this.#absent(resources) : [];
    const removesAll = this.removeAtOnce || (complete && step === 'all');
    if (removesAll) {
      removed.push(...this.#removals(resources));
    }
    if (found.length === 0 && removed.length === 0 && !(this.#owesAnswer && this.#wildcard)) {
      this.exchange.settle(step);
      // Removals may have to wait; where there are none, nothing is left to say.
      if (complete && this.#removals(resources).length === 0) {
        this.exchange.settle('all');
      }
      return undefined;
    }
    this.#owesAnswer = false;
    this.#remember(found, removed);
    const isAll = complete && (removesAll || this.#removals(resources).length === 0);
    const changed = found.map((resource) => resource.name);
    const names = removed.length === 0 ? changed : [...changed, ...removed];
    return {
      resources: found,
      changed,
      removed,
      version: String(revision),
      nonce: this.exchange.send(offer, isAll, names),
    };
  }

  #applyNames(request: DeltaRequest): void {
    checkNames(this.names.size + request.subscribe.length + request.initialVersions.size);
    if (!this.subscribed) {
      this.subscribed = true;
      this.#owesAnswer = request.initialVersions.size === 0;
      if (!this.#owesAnswer) {
        this.#reported = new Map(request.initialVersions);
      }
      if (request.subscribe.length === 0) {
        this.#subscribe('*');
      }
    }
    for (const name of request.unsubscribe) {
      this.#unsubscribe(name);
    }
    for (const name of request.subscribe) {
      this.#subscribe(name);
    }
    checkLengths(this.names.size + (this.#reported?.size ?? 0), () => [
      ...this.names,
      ...(this.#reported?.keys() ?? []),
    ]);
  }

  #subscribe(name: string): void {
    if (name === '*') {
      this.#wildcard = true;
      for (const [known, version] of this.#reported ?? []) {
        this.#hold(known, version);
      }
      this.#reported = undefined;
      return;
    }
    this.names.add(name);
    const known = this.#reported?.get(name);
    if (known !== undefined) {
      this.#hold(name, known);
      this.#forgetReport(name);
    } else {
      // Named again, it must be sent again: the proxy may have dropped it in between (discovery.proto).
      this.#held.delete(name);
    }
  }

  #unsubscribe(name: string): void {
    if (name === '*') {
      this.#wildcard = false;
      for (const known of this.#held.keys()) {
        if (!this.names.has(known)) {
          this.#held.delete(known);
        }
      }
      return;
    }
    const wasNamed = this.names.delete(name);
    this.#forgetReport(name);
    this.again?.delete(name);
    if (!this.#wildcard) {
      this.#held.delete(name);
      this.exchange.forget(name);
    } else if (wasNamed) {
      // Whether the wildcard still covers it must be told anew (discovery.proto).
      this.#held.set(name, unknownVersion);
    }
  }

  /** Takes the proxy's word for what it holds. */
  #hold(name: string, version: string): void {
    this.#held.set(name, version === gone ? unknownVersion : version);
  }

  #forgetReport(name: string): void {
    if (this.#reported?.delete(name) === true && this.#reported.size === 0) {
      this.#reported = undefined;
    }
  }

  #differs(resource: Servable): boolean {
    return this.#held.get(resource.name) !== resource.version || this.again?.has(resource.name) === true;
  }

  /** What is new or changed, up to the size of one response; `complete` where that is all. */
  #additions(resources: ServableMap): { readonly found: readonly Servable[]; readonly complete: boolean } {
    const found: Servable[] = [];
    let bytes = 0;
    const take = (resource: Servable | undefined): boolean => {
      if (resource !== undefined && this.#differs(resource)) {
        if (bytes > 0 && bytes + resource.delta.length > this.#maxResponseBytes) {
          return false;
        }
        bytes += resource.delta.length;
        found.push(resource);
      }
      return true;
    };
    if (this.#wildcard) {
      for (const resource of resources.values()) {
        if (!take(resource)) {
          return { found, complete: false };
        }
      }
    } else {
      for (const name of this.names) {
        if (!take(resources.get(name))) {
          return { found, complete: false };
        }
      }
    }
    return { found, complete: true };
  }

  /** Names that the proxy waits for, or waits for again, and that there are none of. */
  #absent(resources: ServableMap): string[] {
    const found: string[] = [];
    for (const name of this.names) {
      if (!resources.has(name) && (!this.#held.has(name) || this.again?.has(name) === true)) {
        found.push(name);
      }
    }
    return found;
  }

  /** Names that the proxy holds and that there are none of any more. */
  #removals(resources: ServableMap): string[] {
    const found: string[] = [];
    for (const [name, version] of this.#held) {
      if (version !== gone && !resources.has(name)) {
        found.push(name);
      }
    }
    return found;
  }

  #remember(resources: readonly Servable[], removed: readonly string[]): void {
    for (const resource of resources) {
      this.#held.set(resource.name, resource.version);
      this.again?.delete(resource.name);
    }
    for (const name of removed) {
      this.again?.delete(name);
      if (this.names.has(name)) {
        this.#held.set(name, gone);
      } else {
        this.#held.delete(name);
      }
    }
    if (this.again?.size === 0) {
      this.again = undefined;
    }
  }
}
