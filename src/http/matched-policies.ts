import type { RequestAccess } from '../auth/request-access.ts';
import type { MeshCache } from '../context/mesh-cache.ts';
import { rankedPolicies } from '../match/policy.ts';
import { type DataplaneProxy, proxyOf } from '../match/proxy.ts';
import { createReferringSelection } from '../match/referring-selection.ts';
import { kri } from '../model/kri.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { answer } from './answer.ts';
import { notFound, titled } from './errors.ts';
import type { Route } from './routing.ts';

export interface MatchedPoliciesDeps {
  readonly meshCache: MeshCache;
  readonly types: readonly ResourceType[];
}

/** What the list shows of a policy. */
function metaOf(type: ResourceType, resource: Resource) {
  const { mesh, name, creationTime, modificationTime, labels } = resource;
  return {
    type: type.name,
    mesh,
    name,
    creationTime,
    modificationTime,
    ...(Object.keys(labels).length > 0 && { labels }),
    kri: kri(type, resource),
  };
}

/** The policies of the newer kind that select a proxy and that the caller may read, by type, the least specific first; types without any are absent. */
function matchedPolicies(
  types: readonly ResourceType[],
  access: RequestAccess,
  resources: ReadonlyMap<string, ReadonlyMap<string, Resource>>,
  proxy: DataplaneProxy,
) {
  const select = createReferringSelection(resources);
  const matched: Record<string, ReturnType<typeof metaOf>[]> = {};
  for (const type of types) {
    const ofType = resources.get(type.name);
    if (type.policy?.isTargetRef !== true || ofType === undefined) {
      continue;
    }
    const readable = access.readable(type, proxy.mesh);
    const selected = rankedPolicies(ofType)
      .filter((policy) => select(policy, proxy).selected)
      .flatMap(({ name }) => ofType.get(name) ?? [])
      .filter(({ name }) => readable === 'all' || readable.has(name));
    if (selected.length > 0) {
      matched[type.name] = selected.map((resource) => metaOf(type, resource));
    }
  }
  return matched;
}

/**
 * `GET …/dataplanes/:name/policies`: the policies that shape a proxy, as `kumactl inspect dataplane --type=policies`
 * prints them.
 */
export function matchedPoliciesRoute(
  path: string,
  dataplane: ResourceType,
  { meshCache, types }: MatchedPoliciesDeps,
): Route {
  return {
    method: 'GET',
    path: `${path}/:name/policies`,
    async handle(context) {
      const mesh = context.req.param('mesh') ?? '';
      const name = context.req.param('name') ?? '';
      context.get('access').read(dataplane, mesh, name);
      const { resources } = await titled('Could not build MeshContext', () =>
        meshCache.read(context.get('tenant'), mesh),
      );
      if (resources.get('Mesh')?.has(mesh) !== true) {
        throw notFound('Could not build MeshContext');
      }
      const resource = resources.get(dataplane.name)?.get(name);
      if (resource === undefined) {
        throw notFound('Could not get MatchedPolicies');
      }
      const matched = matchedPolicies(types, context.get('access'), resources, proxyOf(resource));
      const items =
        Object.keys(matched).length === 0 ? [] : [{ type: 'dataplane', matchedPolicies: matched }];
      return answer(context, { kind: 'SidecarDataplane', total: items.length, items });
    },
  };
}
