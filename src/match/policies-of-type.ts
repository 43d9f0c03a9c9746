import type { Resource } from '../model/resource.ts';
import { serviceTag } from '../model/tags.ts';
import { type Conf, mergeConfs } from './conf.ts';
import { createIdentityTrie } from './identity-trie.ts';
import { isShadow, type Policy, type PolicyKind, policyOf, rankedPolicies } from './policy.ts';
import type { DataplaneProxy } from './proxy.ts';
import { select } from './selection.ts';
import { contains } from './subset.ts';
import { type SubsetRule, type SubsetRules, subsetRules } from './subset-rules.ts';

/** One entry of the rules of an inbound, and the policy that it is from. */
export interface InboundRule {
  readonly conf: Conf;
  readonly origin: Policy;
  /** The position of the entry in its policy. */
  readonly ruleIndex: number;
}

/** What the policies of one type say about an inbound. Plain data. */
export interface InboundRules {
  /** Entries of `rules`, and of `from` where the type treats it as rules; the least specific first. */
  readonly rules: readonly InboundRule[];
  /** All of `rules` merged: what goes for all traffic that comes in. */
  readonly conf: Conf;
  /** What `from` says about groups of clients; the groups do not overlap. */
  readonly from: readonly SubsetRule[];
  readonly warnings: readonly string[];
}

/** What the policies of one type say about destinations. Equal selections of policies share one of it. */
export interface OutboundRules {
  readonly policies: readonly Policy[];
  /** What `to` says about destinations by tags, the most specific first. */
  readonly rules: readonly SubsetRule[];
  /** The merged conf for a service; undefined where nothing is said about it. The same object whenever it is asked for. */
  confFor(service: string): Conf | undefined;
  readonly warnings: readonly string[];
}

/** Which policies of one type select a proxy, and what they say. Proxies that are selected alike share it. */
export interface MatchedType {
  readonly kind: PolicyKind;
  /** All that select the proxy, the least specific first. */
  readonly policies: readonly Policy[];
  readonly outbound: OutboundRules;
  /** By the position of the inbound; undefined where no policy selects it. */
  readonly inbounds: readonly (InboundRules | undefined)[];
  /** What of the policies was left out, and why. */
  readonly warnings: readonly string[];
}

/** All policies of one type, ready to be matched; proxies that the same policies select share what these say. */
export interface TypePolicies {
  /** The same object whenever it is asked for. */
  match(proxy: DataplaneProxy): MatchedType;
}

/**
 * What policies of one type say, by which of them are selected. It outlives changes: a selection without a changed
 * policy in it says what it said before, by the same object.
 */
export interface TypeRules {
  outbound(policies: readonly Policy[]): OutboundRules;
  inbound(policies: readonly Policy[]): InboundRules;
  matched(outbound: OutboundRules, inbounds: readonly (InboundRules | undefined)[]): MatchedType;
}

/** How many different selections of policies are remembered; beyond that, remembering starts anew. */
export const mostSelections = 4096;

/** Stands for rules where there are none, so that there is an object to remember by. */
const noRules = {};

/** Makes what remembers the rules of one type; they last as long as the policies that they are made of. */
export function createTypeRules(kind: PolicyKind): TypeRules {
  const outbound = createIdentityTrie<OutboundRules>(mostSelections);
  const inbound = createIdentityTrie<InboundRules>(mostSelections);
  const matched = createIdentityTrie<MatchedType>(mostSelections);
  return {
    outbound: (policies) => outbound.get(policies, () => outboundRules(policies)),
    inbound: (policies) => inbound.get(policies, () => inboundRules(kind, policies)),
    matched: (rules, inbounds) =>
      matched.get([rules, ...inbounds.map((own) => own ?? noRules)], () => ({
        kind,
        policies: rules.policies,
        outbound: rules,
        inbounds,
        warnings: [...new Set([rules, ...inbounds].flatMap((part) => part?.warnings ?? []))],
      })),
  };
}

/** Prepares the policies of one type. */
export function typePolicies(
  kind: PolicyKind,
  resources: ReadonlyMap<string, Resource>,
  rules: TypeRules = createTypeRules(kind),
): TypePolicies {
  const ranked = rankedPolicies(resources);
  const matched = new WeakMap<DataplaneProxy, MatchedType>();

  function match(proxy: DataplaneProxy): MatchedType {
    const selections = ranked.map((policy) => select(policy, proxy));
    const selected = ranked.filter((_, position) => selections[position]?.selected === true);
    const inbounds = proxy.inbounds.map((_, inbound) => {
      const own = ranked.filter((_, position) => selections[position]?.inbounds[inbound] === true);
      return own.length > 0 ? rules.inbound(own) : undefined;
    });
    return rules.matched(rules.outbound(selected), inbounds);
  }

  return {
    match(proxy) {
      let found = matched.get(proxy);
      if (found === undefined) {
        found = match(proxy);
        matched.set(proxy, found);
      }
      return found;
    },
  };
}

/** Whether a policy has a say in what a proxy is configured with. */
export function selects(resource: Resource, proxy: DataplaneProxy): boolean {
  const policy = isShadow(resource) ? undefined : policyOf(resource);
  return policy !== undefined && select(policy, proxy).selected;
}

function inboundRules(kind: PolicyKind, policies: readonly Policy[]): InboundRules {
  const rules = policies.flatMap((policy) => ruleEntries(kind, policy));
  const from = subsetRules(
    policies.flatMap((policy) => policy.from.map(({ targetRef, conf }) => ({ policy, targetRef, conf }))),
    true,
  );
  return {
    rules,
    conf: mergeConfs(rules.map(({ conf }) => conf)),
    from: from.rules,
    warnings: warnings(from),
  };
}

function ruleEntries(kind: PolicyKind, policy: Policy): readonly InboundRule[] {
  const confs =
    policy.rules.length > 0
      ? policy.rules
      : kind.policy?.isFromAsRules === true
        ? policy.from.map(({ conf }) => conf)
        : [];
  return confs.map((conf, ruleIndex) => ({ conf, origin: policy, ruleIndex }));
}

function outboundRules(policies: readonly Policy[]): OutboundRules {
  const to = subsetRules(
    policies
      // A policy that targets routes is only about the new kinds of destinations.
      .filter((policy) => !policy.to.some(({ targetRef }) => targetRef.kind === 'MeshHTTPRoute'))
      .flatMap((policy) => policy.to.map(({ targetRef, conf }) => ({ policy, targetRef, conf }))),
    false,
  );
  return {
    policies,
    rules: to.rules,
    warnings: warnings(to),
    confFor: (service) => to.rules.find(({ subset }) => contains(subset, { [serviceTag]: service }))?.conf,
  };
}

function warnings({ warning }: SubsetRules): readonly string[] {
  return warning === undefined ? [] : [warning];
}
