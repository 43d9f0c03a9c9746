import { displayNameOf } from '../model/kri.ts';
import type { Resource } from '../model/resource.ts';
import { builtinGatewayOf } from './builtin-gateway.ts';
import { type Policy, policyOf } from './policy.ts';
import type { DataplaneProxy } from './proxy.ts';
import { compareText } from './rank.ts';
import { nothing, reaches, type Selection, select } from './selection.ts';

type Resources = ReadonlyMap<string, ReadonlyMap<string, Resource>>;

const none: ReadonlyMap<string, Resource> = new Map();

/**
 * Makes a selection that looks up what a policy's target refers to: the listeners of built-in gateways, and the
 * routes of policies that target routes, which select what their route selects.
 *
 * @param resources those of the mesh, by type and name.
 */
export function createReferringSelection(
  resources: Resources,
): (policy: Policy, proxy: DataplaneProxy) => Selection {
  const gateways = resources.get('MeshGateway') ?? none;
  const routes = new Map<string, Policy>();
  for (const route of [...(resources.get('MeshHTTPRoute')?.values() ?? [])].sort(byName)) {
    const name = displayNameOf(route);
    const policy = policyOf(route);
    if (policy !== undefined && !routes.has(name)) {
      routes.set(name, policy);
    }
  }
  return (policy, proxy) => {
    const gateway = builtinGatewayOf(proxy, gateways);
    if (policy.targetRef.kind !== 'MeshHTTPRoute') {
      return select(policy, proxy, gateway);
    }
    const route = routes.get(policy.targetRef.name ?? '');
    return route !== undefined && reaches(policy, proxy, gateway) ? select(route, proxy, gateway) : nothing;
  };
}

function byName(a: Resource, b: Resource): number {
  return compareText(a.name, b.name);
}
