import type { MeshContext } from '../context/mesh-context.ts';
import type { Resource } from '../model/resource.ts';
import type { Conf } from './conf.ts';
import { createIdentityTrie } from './identity-trie.ts';
import {
  createTypeRules,
  type InboundRules,
  type MatchedType,
  mostSelections,
  type OutboundRules,
  type TypePolicies,
  typePolicies,
} from './policies-of-type.ts';
import type { PolicyKind } from './policy.ts';
import type { DataplaneProxy } from './proxy.ts';

/** What all policies say about an inbound, by type; types that say nothing are absent. */
export type InboundPolicies = Readonly<Record<string, InboundRules>>;

/** What all policies say about a destination, by type; types that say nothing are absent. */
export type OutboundPolicies = Readonly<Record<string, Conf>>;

/** The policies that select a proxy, and what they say. Proxies that are selected alike share it, whatever else changes. */
export interface MatchedPolicies {
  /** In the order of the matcher's kinds. */
  readonly types: readonly MatchedType[];
  /** By the position of the inbound. */
  readonly inbounds: readonly InboundPolicies[];
  /** What is said about a service. The same object for all proxies that are selected alike. */
  outboundTo(service: string): OutboundPolicies;
}

/** Matches policies of several types with proxies. */
export interface Matcher {
  match(context: MeshContext, proxy: DataplaneProxy): MatchedPolicies;
}

const noResources: ReadonlyMap<string, Resource> = new Map();
/** Stands for rules where there are none, so that there is an object to remember by. */
const noRules = {};
/** How many services are remembered for one selection of policies; beyond that, remembering starts anew. */
const mostServices = 16_384;

/** Makes a matcher. What it remembers lasts as long as the resources of the context that it was worked out from. */
export function createMatcher(kinds: readonly PolicyKind[]): Matcher {
  const prepared = kinds.map(preparation);
  const matched = createIdentityTrie<MatchedPolicies>(mostSelections);
  const inbounds = createIdentityTrie<InboundPolicies>(mostSelections);
  const outbounds = createIdentityTrie<(service: string) => OutboundPolicies>(mostSelections);
  const policiesOf = (types: readonly MatchedType[], inboundCount: number): MatchedPolicies => ({
    types,
    inbounds: Array.from({ length: inboundCount }, (_, position) =>
      inbounds.get(
        types.map((type) => type.inbounds[position] ?? noRules),
        () => byType(types, (type) => type.inbounds[position]),
      ),
    ),
    outboundTo: outbounds.get(
      types.map(({ outbound }) => outbound),
      () => rememberServices(types),
    ),
  });
  return {
    match({ resources }, proxy) {
      const types = prepared.map((prepare) => prepare(resources).match(proxy));
      return matched.get(types, () => policiesOf(types, proxy.inbounds.length));
    },
  };
}

function preparation(kind: PolicyKind) {
  const known = new WeakMap<ReadonlyMap<string, Resource>, TypePolicies>();
  const rules = createTypeRules(kind);
  return (all: MeshContext['resources']): TypePolicies => {
    const resources = all.get(kind.name) ?? noResources;
    let policies = known.get(resources);
    if (policies === undefined) {
      policies = typePolicies(kind, resources, rules);
      known.set(resources, policies);
    }
    return policies;
  };
}

function rememberServices(types: readonly MatchedType[]): (service: string) => OutboundPolicies {
  const rules = types.map(({ kind, outbound }) => ({ kind, outbound }));
  const known = new Map<string, OutboundPolicies>();
  return (service) => {
    let policies = known.get(service);
    if (policies === undefined) {
      if (known.size >= mostServices) {
        known.clear();
      }
      policies = byType(rules, ({ outbound }) => outbound.confFor(service));
      known.set(service, policies);
    }
    return policies;
  };
}

function byType<Type extends { readonly kind: PolicyKind; readonly outbound: OutboundRules }, Said>(
  types: readonly Type[],
  look: (type: Type) => Said | undefined,
): Readonly<Record<string, Said>> {
  const said: Record<string, Said> = {};
  for (const type of types) {
    const found = look(type);
    if (found !== undefined) {
      said[type.kind.name] = found;
    }
  }
  return said;
}
