import type { MeshContext } from '../context/mesh-context.ts';
import type { Resource } from '../model/resource.ts';
import { type MatchedType, type TypePolicies, typePolicies } from './policies-of-type.ts';
import type { PolicyKind } from './policy.ts';
import type { DataplaneProxy } from './proxy.ts';

const noResources: ReadonlyMap<string, Resource> = new Map();

/** Matches policies of several types with proxies. */
export interface Matcher {
  /** What the policies of the mesh say about the proxy, type by type in the order of the kinds. */
  match(context: MeshContext, proxy: DataplaneProxy): readonly MatchedType[];
}

/** Makes a matcher. It remembers what it prepared for as long as somebody holds the context's resources. */
export function createMatcher(kinds: readonly PolicyKind[]): Matcher {
  const prepared = kinds.map((kind) => {
    const known = new WeakMap<ReadonlyMap<string, Resource>, TypePolicies>();
    return (resources: ReadonlyMap<string, Resource>) => {
      let policies = known.get(resources);
      if (policies === undefined) {
        policies = typePolicies(kind, resources);
        known.set(resources, policies);
      }
      return policies;
    };
  });
  return {
    match: ({ resources }, proxy) =>
      prepared.map((prepare, position) =>
        prepare(resources.get(kinds[position]?.name ?? '') ?? noResources).match(proxy),
      ),
  };
}
