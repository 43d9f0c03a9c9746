import type { MeshCache } from '../context/mesh-cache.ts';
import type { MeshContext } from '../context/mesh-context.ts';
import { legacySelection } from '../match/legacy-selection.ts';
import { policyOf } from '../match/policy.ts';
import { type DataplaneProxy, proxyOf } from '../match/proxy.ts';
import { createReferringSelection } from '../match/referring-selection.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { dataplaneType } from '../model/types/dataplane.ts';
import { answer } from './answer.ts';
import { byName } from './collections.ts';
import { notFound, titled } from './errors.ts';
import { nextLink, pageRange, pageRequest } from './pagination.ts';
import { queryOf, type Route } from './routing.ts';

export interface AffectedDataplanesDeps {
  readonly meshCache: MeshCache;
}

/** What lists of affected things show of each. */
function metaOf({ type, mesh, name, labels }: Resource) {
  return { type, mesh, name, labels };
}

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
      const query = queryOf(context.req.url);
      const page = pageRequest(query);
      const part = query.get('name') ?? '';
      const { resources } = await titled('Could not retrieve policy', () =>
        deps.meshCache.read(context.get('tenant'), mesh),
      );
      if (resources.get('Mesh')?.has(mesh) !== true) {
        throw notFound('Failed to retrieve Mesh');
      }
      const resource = resources.get(type.name)?.get(name);
      if (resource === undefined) {
        throw notFound('Could not retrieve policy');
      }
      const isSelected = selectionOf(type, resource, resources);
      const readable = context.get('access').readable(dataplaneType, mesh);
      const selected = byName(resources.get('Dataplane')).filter(
        (dataplane) =>
          (readable === 'all' || readable.has(dataplane.name)) &&
          dataplane.name.includes(part) &&
          isSelected(proxyOf(dataplane)),
      );
      const range = pageRange(page, selected.length);
      return answer(context, {
        items: selected.slice(range.start, range.end).map(metaOf),
        ...(range.next !== undefined && { next: nextLink(context.req.url, range.next) }),
        total: selected.length,
      });
    },
  };
}
