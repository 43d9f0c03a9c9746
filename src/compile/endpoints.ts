import type { ServiceInstance } from '../context/mesh-context.ts';
import { socketAddress } from '../envoy/address.ts';
import { type Endpoint, type Locality, loadAssignment } from '../envoy/load-assignment.ts';
import type { ProxyOutbound } from '../match/proxy.ts';
import { compareText } from '../match/rank.ts';
import { matchesSelector, serviceTag, zoneTag } from '../model/tags.ts';
import { encodeLoadAssignment } from './encoded.ts';
import { clusterOf } from './outbound.ts';
import type { ResourceCache } from './resources.ts';
import type { EncodedResource } from './snapshot.ts';

/** Load assignments, one for each list of instances and each cluster that is made of it. */
export interface Endpoints {
  /** The ready instances that have all of the outbound's tags; undefined where nobody offers the service. */
  assignmentFor(outbound: ProxyOutbound, instances: readonly ServiceInstance[] | undefined): EncodedResource;
}

/** Makes the source of load assignments. What was made of a list lasts as long as the list. */
export function createEndpoints(cache: ResourceCache): Endpoints {
  const known = new WeakMap<readonly ServiceInstance[], Map<string, EncodedResource>>();
  return {
    assignmentFor(outbound, instances) {
      const cluster = clusterOf(outbound);
      if (instances === undefined) {
        return cache.get(`no endpoints ${cluster}`, () => encodeLoadAssignment(loadAssignment(cluster, [])));
      }
      const byCluster = known.get(instances) ?? new Map<string, EncodedResource>();
      known.set(instances, byCluster);
      let assignment = byCluster.get(cluster);
      if (assignment === undefined) {
        assignment = encodeLoadAssignment(loadAssignment(cluster, localities(outbound, instances)));
        byCluster.set(cluster, assignment);
      }
      return assignment;
    },
  };
}

function localities({ tags }: ProxyOutbound, instances: readonly ServiceInstance[]): readonly Locality[] {
  const { [serviceTag]: _, ...subset } = tags;
  const byZone = new Map<string, ServiceInstance[]>();
  for (const instance of instances) {
    if (instance.ready && matchesSelector(subset, instance.tags)) {
      const zone = instance.tags[zoneTag] ?? '';
      const members = byZone.get(zone) ?? [];
      members.push(instance);
      byZone.set(zone, members);
    }
  }
  return [...byZone]
    .sort(([a], [b]) => compareText(a, b))
    .map(([zone, members]) => ({
      ...(zone === '' ? {} : { zone }),
      endpoints: members
        .sort(
          (a, b) =>
            compareText(a.address, b.address) || a.port - b.port || compareText(a.dataplane, b.dataplane),
        )
        .map(endpoint),
    }));
}

function endpoint({ address, port, tags }: ServiceInstance): Endpoint {
  const { [serviceTag]: _, ...metadata } = tags;
  return { address: socketAddress(address, port), metadata, weight: 1 };
}
