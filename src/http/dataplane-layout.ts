import type { MeshCache } from '../context/mesh-cache.ts';
import { specOf } from '../match/proxy.ts';
import { reachablePorts } from '../match/reachable.ts';
import { KumulusError } from '../model/errors.ts';
import { kri } from '../model/kri.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { protocolTag } from '../model/tags.ts';
import { inboundsOf, sectionNameOf } from '../model/types/dataplane-helpers.ts';
import { meshSchema } from '../model/types/mesh-schema.ts';
import { answer } from './answer.ts';
import { notFound, titled } from './errors.ts';
import type { Route } from './routing.ts';

export interface DataplaneLayoutDeps {
  readonly meshCache: MeshCache;
}

const meshTitle = 'Failed to retrieve Mesh';

/** Layouts are made of MeshServices, so they are there only where a mesh has gone over to them. */
function requireMeshServices(mesh: Resource): void {
  if (meshSchema.parse(mesh.spec).meshServices?.mode !== 'Exclusive') {
    const message = "bad request: can't use _layout endpoint without meshService enabled";
    throw new KumulusError('bad_request', message);
  }
}

function inboundsLayout(type: ResourceType, dataplane: Resource) {
  return inboundsOf(specOf(dataplane)).map((inbound) => {
    const section = sectionNameOf(inbound);
    return {
      kri: kri(type, dataplane, section),
      port: inbound.port ?? 0,
      // As it is given, unlike that of outbounds.
      protocol: inbound.tags?.[protocolTag] ?? '',
      proxyResourceName: `self_inbound_${type.shortName}_${section}`,
    };
  });
}

/** `GET …/dataplanes/:name/_layout`: the ports of a proxy, in and out, and what Envoy's resources for them are called. */
export function dataplaneLayoutRoute(
  path: string,
  type: ResourceType,
  { meshCache }: DataplaneLayoutDeps,
): Route {
  return {
    method: 'GET',
    path: `${path}/:name/_layout`,
    async handle(context) {
      const mesh = context.req.param('mesh') ?? '';
      const name = context.req.param('name') ?? '';
      context.get('access').read(type, mesh, name);
      const meshContext = await titled(meshTitle, () => meshCache.read(context.get('tenant'), mesh));
      const own = meshContext.resources.get('Mesh')?.get(mesh);
      if (own === undefined) {
        throw notFound(meshTitle);
      }
      requireMeshServices(own);
      const dataplane = meshContext.resources.get(type.name)?.get(name);
      if (dataplane === undefined) {
        throw notFound('Failed to retrieve Dataplane');
      }
      return answer(context, {
        kri: kri(type, dataplane),
        labels: dataplane.labels,
        inbounds: inboundsLayout(type, dataplane),
        outbounds: reachablePorts(dataplane, meshContext).map(({ kri: identifier, port, protocol }) => ({
          kri: identifier,
          port,
          protocol,
          proxyResourceName: identifier,
        })),
      });
    },
  };
}
