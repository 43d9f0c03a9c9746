import type { MeshCache } from '../context/mesh-cache.ts';
import type { MeshContext } from '../context/mesh-context.ts';
import { legacySelection } from '../match/legacy-selection.ts';
import { policyOf } from '../match/policy.ts';
import { type DataplaneProxy, proxyOf } from '../match/proxy.ts';
import { createReferringSelection } from '../match/referring-selection.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { notFound, titled } from './errors.ts';
import type { Route } from './routing.ts';
import { answerDataplanes } from './selected-dataplanes.ts';

export interface AffectedDataplanesDeps {
  readonly meshCache: MeshCache;
}

const title = 'Could not retrieve policy';

/** Tells which proxies a policy selects; one that only casts a shadow is asked for by name, and so it counts, too. */
function selectionOf(
  type: ResourceType,
  resource: Resource,
  resources: MeshContext['resources'],
): (proxy: DataplaneProxy) => boolean {
  if (type.policy?.isTargetRef !== true) {
    return legacySelection(resource);
  }
  const policy = policyOf(resource);
  const select = createReferringSelection(resources);
  return (proxy) => policy !== undefined && select(policy, proxy).selected;
}

/** `GET …/<policy>/_resources/dataplanes`: the Dataplanes that a policy selects, by name. */
export function affectedDataplanesRoute(
  path: string,
  type: ResourceType,
  deps: AffectedDataplanesDeps,
): Route {
  return {
    method: 'GET',
    path: `${path}/:name/_resources/dataplanes`,
    async handle(context) {
      const mesh = context.req.param('mesh') ?? '';
      const name = context.req.param('name') ?? '';
      context.get('access').read(type, mesh, name);
      const { resources } = await titled(title, () => deps.meshCache.read(context.get('tenant'), mesh));
      if (resources.get('Mesh')?.has(mesh) !== true) {
        throw notFound('Failed to retrieve Mesh');
      }
      const resource = resources.get(type.name)?.get(name);
      if (resource === undefined) {
        throw notFound(title);
      }
      const isSelected = selectionOf(type, resource, resources);
      return answerDataplanes(context, title, resources.get('Dataplane'), (dataplane) =>
        isSelected(proxyOf(dataplane)),
      );
    },
  };
}
