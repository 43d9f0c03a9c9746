import type { ContextChanges } from '../context/mesh-context.ts';
import { selects } from '../match/policies-of-type.ts';
import type { PolicyKind } from '../match/policy.ts';
import type { DataplaneProxy } from '../match/proxy.ts';

/** Tells whether a proxy may have to be configured otherwise after changes. */
export type Touched = (changes: ContextChanges, proxy: DataplaneProxy) => boolean;

/** Types that every proxy is configured from, whatever selects it. */
const readByAll: ReadonlySet<string> = new Set(['Mesh']);

/**
 * Makes the judge for compilers that apply policies of these kinds. A proxy is touched where its Dataplane, the endpoints
 * of a service that it calls or its mesh changed, and where a policy that changed selects it now or selected it before:
 * to any other proxy the policies that are left say what they said. Types that nothing is compiled from touch nobody.
 */
export function createTouched(kinds: readonly PolicyKind[]): Touched {
  const policies = new Set(kinds.map(({ name }) => name));
  return ({ dataplanes, services, types }, proxy) => {
    if (dataplanes.has(proxy.name) || overlap(services, proxy.services)) {
      return true;
    }
    for (const [type, versions] of types) {
      if (readByAll.has(type)) {
        return true;
      }
      if (policies.has(type)) {
        for (const policy of versions) {
          if (selects(policy, proxy)) {
            return true;
          }
        }
      }
    }
    return false;
  };
}

/** Whether two sets have a member in common. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [smaller, larger] = a.size <= b.size ? [a, b] : [b, a];
  for (const member of smaller) {
    if (larger.has(member)) {
      return true;
    }
  }
  return false;
}
