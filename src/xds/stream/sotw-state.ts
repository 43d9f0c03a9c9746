import { createHash } from 'node:crypto';
import type { SotwRequest } from './discovery-request.ts';
import { createExchange } from './exchange.ts';
import { checkNames, type Servable, type ServableMap, type TypeState } from './type-state.ts';

export interface SotwStateOptions {
  /**
   * A response carries all that the proxy is to have, and what it leaves out is removed: so clusters and listeners
   * work. Other types take what they are given and keep the rest.
   */
  readonly whole: boolean;
  /** As in the incremental protocol: what is gone goes along with additions. */
  readonly removeAtOnce?: boolean;
}

/** One text for a set of resources in whatever order: what `version_info` tells the proxy, and the proxy us. */
function versionOf(entries: Iterable<readonly [string, string]>): string {
  const hash = createHash('sha256');
  for (const line of Array.from(entries, ([name, version]) => `${name}\0${version}\n`).sort()) {
    hash.update(line);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * The subscription to one type in the state-of-the-world protocol.
 *
 * The version is a hash of all that the proxy is to have of the type, so that one that reconnects and names the same
 * version is sent nothing. Source: Envoy's xDS protocol, "SotW".
 */
export function createSotwState(options: SotwStateOptions): TypeState<SotwRequest> {
  let subscribed = false;
  let wildcard = false;
  let everNamed = false;
  let names: ReadonlySet<string> = new Set();
  /** What was sent last of each name, taken or not. */
  const held = new Map<string, Servable>();
  const again = new Set<string>();
  /** The version that the proxy named when it connected; cleared once it was compared. */
  let claimed = '';
  let owesAnswer = false;
  const exchange = createExchange(options.removeAtOnce === true ? 'additions' : 'all');

  const applyNames = (request: SotwRequest) => {
    checkNames(request.names.length);
    const wanted = new Set(request.names);
    everNamed ||= wanted.size > 0;
    wildcard = wanted.delete('*') || (options.whole && !everNamed);
    for (const name of held.keys()) {
      if (!options.whole && !wildcard && !wanted.has(name)) {
        held.delete(name);
        again.delete(name);
      }
    }
    if (wanted.size !== names.size || [...wanted].some((name) => !names.has(name))) {
      exchange.unsettle();
    }
    names = wanted;
  };

  const wantedOf = (resources: ServableMap): ServableMap => {
    if (wildcard) {
      return resources;
    }
    const found = new Map<string, Servable>();
    for (const name of names) {
      const resource = resources.get(name);
      if (resource !== undefined) {
        found.set(name, resource);
      }
    }
    return found;
  };

  /** The version of a whole response is that of what it carries; that of a part is that of all the proxy has then. */
  const versionFor = (resources: Iterable<Servable>) => {
    const entries = new Map<string, string>();
    if (!options.whole) {
      for (const name of names) {
        entries.set(name, '');
      }
    }
    for (const resource of resources) {
      entries.set(resource.name, resource.version);
    }
    return versionOf(entries);
  };

  const differs = (resource: Servable) =>
    held.get(resource.name)?.version !== resource.version || again.has(resource.name);

  /** All that the proxy is to have, where that differs from what it was sent last. */
  const wholeDraft = (wanted: ServableMap, keepGone: boolean): readonly Servable[] | undefined => {
    const left = [...held.values()].filter((resource) => !wanted.has(resource.name));
    const changed = [...wanted.values()].some(differs) || (left.length > 0 && !keepGone);
    return changed ? [...wanted.values(), ...(keepGone ? left : [])] : undefined;
  };

  const partialDraft = (wanted: ServableMap): readonly Servable[] | undefined => {
    const changed = [...wanted.values()].filter(differs);
    return changed.length > 0 ? changed : undefined;
  };

  const remember = (resources: Iterable<Servable>) => {
    if (options.whole) {
      held.clear();
    }
    for (const resource of resources) {
      held.set(resource.name, resource);
      again.delete(resource.name);
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
      if (!subscribed) {
        subscribed = true;
        claimed = request.version;
        owesAnswer = true;
        applyNames(request);
        exchange.unsettle();
        return undefined;
      }
      if (request.nonce !== '' && request.nonce !== exchange.lastNonce) {
        // An answer to a response that a newer one has overtaken; what it names has been, too (xDS protocol, "ACK and NACK").
        return undefined;
      }
      applyNames(request);
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

    next(step) {
      const offer = subscribed ? exchange.toCompare(step) : undefined;
      if (offer === undefined) {
        return undefined;
      }
      const wanted = wantedOf(offer.resources);
      if (claimed !== '') {
        if (claimed === versionFor(wanted.values())) {
          remember([...wanted.values()].filter((resource) => !again.has(resource.name)));
          owesAnswer = false;
        }
        claimed = '';
      }
      const keepGone = step === 'additions' && options.removeAtOnce !== true;
      const empty = owesAnswer && options.whole ? [] : undefined;
      const resources = (options.whole ? wholeDraft(wanted, keepGone) : partialDraft(wanted)) ?? empty;
      if (resources === undefined) {
        exchange.settle(step);
        return undefined;
      }
      owesAnswer = false;
      const changed = resources.filter(differs).map((resource) => resource.name);
      remember(resources);
      const version = versionFor(options.whole ? resources : wanted.values());
      const isAll = !options.whole || resources.length === wanted.size;
      return { resources, changed, removed: [], version, nonce: exchange.send(offer, isAll) };
    },
  };
}
