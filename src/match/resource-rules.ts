import type { MeshContext } from '../context/mesh-context.ts';
import { type Conf, mergeConfs } from './conf.ts';
import { covers, type Destination, resolveTarget, sameDestination } from './destination.ts';
import type { Policy } from './policy.ts';
import { rankEntry } from './rank.ts';

/** An entry of `to` that something was merged from. */
export interface EntryOrigin {
  readonly policy: Policy;
  /** The position of the entry in its policy. */
  readonly ruleIndex: number;
}

/** What policies of one type say about a resource, or about a section of it. */
export interface ResourceRule {
  readonly destination: Destination;
  readonly conf: Conf;
  /** The weakest first. */
  readonly origin: readonly EntryOrigin[];
}

/**
 * What policies say about the resources that their `to` targets: the mesh, services, ports of services, routes. What is
 * said about the mesh goes for all of its resources, and what is said about a service for all of its ports.
 */
export function resourceRules(policies: readonly Policy[], context: MeshContext): readonly ResourceRule[] {
  const entries = policies
    .filter(({ targetRef }) => targetRef.kind !== 'MeshHTTPRoute')
    .flatMap((policy) => policy.to.map((item, ruleIndex) => ({ ...item, policy, ruleIndex })))
    .sort(rankEntry)
    .flatMap((entry) =>
      resolveTarget(entry.targetRef, entry.policy, context).map((destination) => ({ entry, destination })),
    );
  const destinations: Destination[] = [];
  for (const { destination } of entries) {
    if (!destinations.some((known) => sameDestination(known, destination))) {
      destinations.push(destination);
    }
  }
  return destinations.map((destination) => {
    const relevant = entries
      .filter((other) => covers(other.destination, destination))
      .map(({ entry }) => entry);
    return {
      destination,
      conf: mergeConfs(relevant.map(({ conf }) => conf)),
      origin: [...new Set(relevant)].map(({ policy, ruleIndex }) => ({ policy, ruleIndex })),
    };
  });
}

/** The rule for a destination: its own, that of the whole resource, or that of the mesh. */
export function resourceRuleFor(
  rules: readonly ResourceRule[],
  destination: Destination,
): ResourceRule | undefined {
  return (
    rules.find((rule) => sameDestination(rule.destination, destination)) ??
    rules.find((rule) => sameDestination(rule.destination, { ...destination, sectionName: '' })) ??
    rules.find((rule) => rule.destination.resource.type === 'Mesh' && covers(rule.destination, destination))
  );
}
