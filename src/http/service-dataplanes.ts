import type { MeshCache } from '../context/mesh-cache.ts';
import { serviceSelector } from '../match/service-dataplanes.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { notFound, titled } from './errors.ts';
import type { Handler, Route } from './routing.ts';
import { answerDataplanes } from './selected-dataplanes.ts';

export interface ServiceDataplanesDeps {
  readonly meshCache: MeshCache;
}

/** The reference calls everything that selects Dataplanes a policy. */
const title = 'Could not retrieve policy';

/**
 * `GET …/meshservices/:name/_dataplanes` and `…/_resources/dataplanes`, its older path: the Dataplanes that make up a
 * MeshService.
 */
export function serviceDataplanesRoutes(
  path: string,
  type: ResourceType,
  { meshCache }: ServiceDataplanesDeps,
): readonly Route[] {
  const handle: Handler = async (context) => {
    const mesh = context.req.param('mesh') ?? '';
    const name = context.req.param('name') ?? '';
    context.get('access').read(type, mesh, name);
    const { resources } = await titled(title, () => meshCache.read(context.get('tenant'), mesh));
    const service = resources.get(type.name)?.get(name);
    if (service === undefined) {
      throw notFound(title);
    }
    return answerDataplanes(context, title, resources.get('Dataplane'), serviceSelector(service));
  };
  return ['_dataplanes', '_resources/dataplanes'].map((part) => ({
    method: 'GET',
    path: `${path}/:name/${part}`,
    handle,
  }));
}
