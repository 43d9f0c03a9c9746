import { hostnameOf } from '../context/hostname.ts';
import type { MeshCache } from '../context/mesh-cache.ts';
import { KumulusError } from '../model/errors.ts';
import { labelNames } from '../model/labels.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { answer } from './answer.ts';
import { byName } from './collections.ts';
import { notFound, titled } from './errors.ts';
import type { Route } from './routing.ts';

export interface ServiceHostnamesDeps {
  readonly meshCache: MeshCache;
  readonly types: readonly ResourceType[];
}

/** The collections whose members have host names, in the order in which the refusal of others names them. */
const collections = ['meshservices', 'meshexternalservices', 'meshmultizoneservices'];

const title = 'could not retrieve service';

/** The zone of a resource as the reference sees it: of one without a label, what is before the first dot of its name. */
function zoneOf({ labels, name }: Resource): string {
  const zone = labels[labelNames.zone] ?? '';
  return zone === '' ? name.split('.', 1).join('') : zone;
}

/** The host names that generators give to a service, each where all of them that give it are. */
function hostnamesOf(service: Resource, generators: readonly Resource[]): readonly string[] {
  const zone = zoneOf(service);
  const names = generators.flatMap((generator) => {
    // A zone's own generators see the services of that zone as local, all others as coming from elsewhere.
    const isLocal = generator.labels[labelNames.origin] === 'zone' && zoneOf(generator) === zone;
    const labels = { ...service.labels, [labelNames.origin]: isLocal ? 'zone' : 'global' };
    return hostnameOf(generator, service, labels, zone) ?? [];
  });
  return [...new Set(names)].sort();
}

/** `GET /meshes/:mesh/<services>/:name/_hostnames`: the host names of a service, and the zones where they are good. */
export function serviceHostnamesRoute({ meshCache, types }: ServiceHostnamesDeps): Route {
  return {
    method: 'GET',
    path: '/meshes/:mesh/:collection/:name/_hostnames',
    async handle(context) {
      const { mesh = '', collection = '', name = '' } = context.req.param();
      const type = types.find(({ path }) => path === collection && collections.includes(path));
      if (type === undefined) {
        throw new KumulusError('invalid', 'Resource is not valid', {
          title: `only ${JSON.stringify(collections.join(','))} are available for inspection`,
        });
      }
      context.get('access').read(type, mesh, name);
      const tenant = context.get('tenant');
      const [inMesh, global] = await titled(title, () =>
        Promise.all([meshCache.read(tenant, mesh), meshCache.read(tenant, '')]),
      );
      const service = inMesh.resources.get(type.name)?.get(name);
      if (service === undefined) {
        throw notFound(title);
      }
      const zones = [{ name: zoneOf(service) }];
      const items = hostnamesOf(service, byName(global.resources.get('HostnameGenerator'))).map(
        (hostname) => ({ hostname, zones }),
      );
      // The reference has no empty list here.
      return answer(context, { items: items.length === 0 ? null : items, total: items.length });
    },
  };
}
