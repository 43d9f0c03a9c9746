import type { DeltaRequest } from './discovery-request.ts';
import { createExchange } from './exchange.ts';
import { checkNames, type Draft, type Servable, type ServableMap, type TypeState } from './type-state.ts';

/** Held by a proxy, in a version that no resource has. */
const unknownVersion = '?';
/** The proxy was told that there is no such resource. */
const gone = '';

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
  const maxResponseBytes = options.maxResponseBytes ?? 1024 * 1024;
  const removeAtOnce = options.removeAtOnce ?? false;
  let subscribed = false;
  let wildcard = false;
  const names = new Set<string>();
  const held = new Map<string, string>();
  /** What the proxy said to hold of names that it has not subscribed to yet. */
  const reported = new Map<string, string>();
  const again = new Set<string>();
  let owesAnswer = false;
  const exchange = createExchange(removeAtOnce ? 'additions' : 'all');

  const subscribe = (name: string) => {
    if (name === '*') {
      wildcard = true;
      for (const [known, version] of reported) {
        held.set(known, version);
      }
      reported.clear();
      return;
    }
    names.add(name);
    const known = reported.get(name);
    if (known !== undefined) {
      held.set(name, known);
      reported.delete(name);
    } else {
      // Named again, it must be sent again: the proxy may have dropped it in between (discovery.proto).
      held.delete(name);
    }
  };

  const unsubscribe = (name: string) => {
    if (name === '*') {
      wildcard = false;
      for (const known of held.keys()) {
        if (!names.has(known)) {
          held.delete(known);
        }
      }
      return;
    }
    const wasNamed = names.delete(name);
    reported.delete(name);
    again.delete(name);
    if (!wildcard) {
      held.delete(name);
    } else if (wasNamed) {
      // Whether the wildcard still covers it must be told anew (discovery.proto).
      held.set(name, unknownVersion);
    }
  };

  const applyNames = (request: DeltaRequest) => {
    checkNames(names.size + request.subscribe.length + request.initialVersions.size);
    if (!subscribed) {
      subscribed = true;
      for (const [name, version] of request.initialVersions) {
        reported.set(name, version === gone ? unknownVersion : version);
      }
      owesAnswer = reported.size === 0;
      if (request.subscribe.length === 0) {
        subscribe('*');
      }
    }
    for (const name of request.unsubscribe) {
      unsubscribe(name);
    }
    for (const name of request.subscribe) {
      subscribe(name);
    }
  };

  const differs = (resource: Servable) =>
    held.get(resource.name) !== resource.version || again.has(resource.name);

  /** What is new or changed, up to the size of one response; `complete` where that is all. */
  const additions = (resources: ServableMap) => {
    const found: Servable[] = [];
    let bytes = 0;
    const take = (resource: Servable | undefined): boolean => {
      if (resource !== undefined && differs(resource)) {
        if (bytes > 0 && bytes + resource.delta.length > maxResponseBytes) {
          return false;
        }
        bytes += resource.delta.length;
        found.push(resource);
      }
      return true;
    };
    if (wildcard) {
      for (const resource of resources.values()) {
        if (!take(resource)) {
          return { found, complete: false };
        }
      }
    } else {
      for (const name of names) {
        if (!take(resources.get(name))) {
          return { found, complete: false };
        }
      }
    }
    return { found, complete: true };
  };

  /** Names that the proxy waits for, or waits for again, and that there are none of. */
  const absent = (resources: ServableMap) => {
    const found: string[] = [];
    for (const name of names) {
      if (!resources.has(name) && (!held.has(name) || again.has(name))) {
        found.push(name);
      }
    }
    return found;
  };

  /** Names that the proxy holds and that there are none of any more. */
  const removals = (resources: ServableMap) => {
    const found: string[] = [];
    for (const [name, version] of held) {
      if (version !== gone && !resources.has(name)) {
        found.push(name);
      }
    }
    return found;
  };

  const remember = (resources: readonly Servable[], removed: readonly string[]) => {
    for (const resource of resources) {
      held.set(resource.name, resource.version);
      again.delete(resource.name);
    }
    for (const name of removed) {
      again.delete(name);
      if (names.has(name)) {
        held.set(name, gone);
      } else {
        held.delete(name);
      }
    }
  };

  return {
    get subscribed() {
      return subscribed;
    },
    get inFlight() {
      return exchange.inFlight;
    },
    get rejected() {
      return exchange.rejected;
    },
    get completed() {
      return exchange.completed;
    },

    receive(request) {
      const first = !subscribed;
      if (first || request.subscribe.length > 0 || request.unsubscribe.length > 0) {
        applyNames(request);
        exchange.unsettle();
      }
      return exchange.answer(request.nonce, request.refusal);
    },

    offer: exchange.offer,

    resend(wanted) {
      for (const name of wanted) {
        if (names.has(name) || exchange.offers(name)) {
          again.add(name);
          exchange.unsettle();
        }
      }
    },

    next(step): Draft | undefined {
      const offer = subscribed ? exchange.toCompare(step) : undefined;
      if (offer === undefined) {
        return undefined;
      }
      const { resources, revision } = offer;
      const { found, complete } = additions(resources);
      const removed = complete ? absent(resources) : [];
      const removesAll = removeAtOnce || (complete && step === 'all');
      if (removesAll) {
        removed.push(...removals(resources));
      }
      if (found.length === 0 && removed.length === 0 && !(owesAnswer && wildcard)) {
        exchange.settle(step);
        return undefined;
      }
      owesAnswer = false;
      remember(found, removed);
      const changed = found.map((resource) => resource.name);
      const isAll = complete && (removesAll || removals(resources).length === 0);
      return {
        resources: found,
        changed,
        removed,
        version: String(revision),
        nonce: exchange.send(offer, isAll),
      };
    },
  };
}
