import type { Resource } from '../model/resource.ts';
import { serviceTag } from '../model/tags.ts';
import { readDataplane } from '../model/types/dataplane.ts';
import { inboundInterface, inboundsOf, isReady } from '../model/types/dataplane-helpers.ts';
import type { ServiceInstance } from './mesh-context.ts';

const known = new WeakMap<Resource, readonly ServiceInstance[]>();

/**
 * The inbounds of a Dataplane as instances of the services that their tags name. Gateways are called by nobody in the mesh
 * and have none.
 */
export function instancesOf(dataplane: Resource): readonly ServiceInstance[] {
  let instances = known.get(dataplane);
  if (instances === undefined) {
    // A Dataplane that cannot be read, as an older or newer Kumulus may have left it, must not take the mesh with it.
    const { data: spec = {} } = readDataplane(dataplane);
    instances = inboundsOf(spec)
      .filter(({ state }) => state !== 'Ignored')
      .map((inbound) => {
        const { advertisedAddress, port } = inboundInterface(spec, inbound);
        return {
          dataplane: dataplane.name,
          address: advertisedAddress,
          port,
          tags: inbound.tags ?? {},
          ready: isReady(inbound),
        };
      });
    known.set(dataplane, instances);
  }
  return instances;
}

/** The service that an instance belongs to; empty where its tags name none. */
export function serviceOf(instance: ServiceInstance): string {
  return instance.tags[serviceTag] ?? '';
}
