import type { MeshCache } from '../context/mesh-cache.ts';
import type { MeshContext } from '../context/mesh-context.ts';
import { legacySelection } from '../match/legacy-selection.ts';
import { rankedPolicies } from '../match/policy.ts';
import { type DataplaneProxy, proxyOf } from '../match/proxy.ts';
import { createReferringSelection } from '../match/referring-selection.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { dataplaneType } from '../model/types/dataplane.ts';
import { meshGatewayType } from '../model/types/mesh-gateway/type.ts';
import { answer } from './answer.ts';
import { byName } from './collections.ts';
import { notFound, titled } from './errors.ts';
import type { ApiContext, Route } from './routing.ts';

export interface InspectPolicyDeps {
  readonly meshCache: MeshCache;
}

/** What an endpoint for one type has of its own. */
interface Inspection {
  /** The title of the answer where there is no such mesh. */
  readonly meshTitle: string;
  /** Tells which proxies the named resource is about. */
  select(resources: MeshContext['resources'], name: string): (proxy: DataplaneProxy) => boolean;
  /** What an item shows beside the name of the proxy. */
  item(dataplane: { readonly mesh: string; readonly name: string }): object;
}

/**
 * `GET …/<type>/:name/dataplanes`: the proxies that a policy or a MeshGateway shapes, by name and all at once, as
 * `kumactl inspect` asks for them. Policies that select by tags have none yet, for nothing is made of them.
 *
 * @returns nothing for types that cannot be inspected.
 */
export function inspectPolicyRoutes(
  path: string,
  type: ResourceType,
  { meshCache }: InspectPolicyDeps,
): readonly Route[] {
  const inspection = inspectionOf(type);
  if (inspection === undefined) {
    return [];
  }
  return [
    {
      method: 'GET',
      path: `${path}/:name/dataplanes`,
      async handle(context) {
        const mesh = context.req.param('mesh') ?? '';
        const name = context.req.param('name') ?? '';
        context.get('access').read(type, mesh, name);
        const { resources } = await titled(inspection.meshTitle, () =>
          meshCache.read(context.get('tenant'), mesh),
        );
        if (resources.get('Mesh')?.has(mesh) !== true) {
          throw notFound(inspection.meshTitle);
        }
        const isSelected = inspection.select(resources, name);
        const items = readableProxies(context, resources, mesh)
          .filter(isSelected)
          .map((proxy) => inspection.item({ mesh: proxy.mesh, name: proxy.name }));
        return answer(context, { total: items.length, items });
      },
    },
  ];
}

function inspectionOf(type: ResourceType): Inspection | undefined {
  if (type.name === meshGatewayType.name) {
    return gatewayInspection;
  }
  return type.policy?.isTargetRef === true ? policyInspection(type) : undefined;
}

/** A policy that is not there shapes no proxy, as does one that only casts a shadow; built-in gateways are left out. */
function policyInspection(type: ResourceType): Inspection {
  return {
    meshTitle: 'Could not list Dataplanes',
    select(resources, name) {
      const [policy] = rankedPolicies(resources.get(type.name) ?? new Map()).filter(
        (each) => each.name === name,
      );
      const select = createReferringSelection(resources);
      return (proxy) =>
        policy !== undefined && proxy.gateway?.type !== 'BUILTIN' && select(policy, proxy).selected;
    },
    item: (dataplane) => ({
      kind: 'SidecarDataplane',
      dataplane,
      attachments: [{ type: 'dataplane' }],
    }),
  };
}

/** Every built-in gateway that a selector matches is told, be there a MeshGateway that suits it better. */
const gatewayInspection: Inspection = {
  meshTitle: 'Could not build mesh context',
  select(resources, name) {
    const gateway = resources.get(meshGatewayType.name)?.get(name);
    if (gateway === undefined) {
      throw notFound('Could not find MeshGateway');
    }
    const isSelected = legacySelection(gateway);
    return (proxy) => proxy.gateway?.type === 'BUILTIN' && isSelected(proxy);
  },
  item: (dataplane) => ({ dataplane }),
};

function readableProxies(
  context: ApiContext,
  resources: MeshContext['resources'],
  mesh: string,
): readonly DataplaneProxy[] {
  const readable = context.get('access').readable(dataplaneType, mesh);
  return byName(resources.get(dataplaneType.name))
    .filter(({ name }) => readable === 'all' || readable.has(name))
    .map(proxyOf);
}
