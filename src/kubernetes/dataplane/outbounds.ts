import { serviceTag } from '../../model/tags.ts';
import type { DataplaneSpec, Outbound } from '../../model/types/dataplane.ts';
import { inboundsOf } from '../../model/types/dataplane-helpers.ts';
import { reservedPort } from './inbounds.ts';
import type { Pod, Service } from './objects.ts';
import { instanceTag, isExternalName, isHeadless } from './tags.ts';

/** What outbounds are made of beside the pod. */
export interface OutboundSources {
  /** The other proxies of the mesh. */
  readonly otherDataplanes?: readonly DataplaneSpec[];
  /** The services of the cluster, for their addresses. */
  readonly otherServices?: readonly Service[];
}

/** `<name>_<namespace>_svc_<port>`; others are not of Kubernetes, or stand for pods that no service selects. */
const serviceForm = /^([^_]*_[^_]*)_[^_]*_(\d{1,5})$/;

/** An inbound of another proxy as its consumers see it. */
interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly instance: string;
}

/**
 * The outbounds of a pod: each service that other proxies offer, at the address that Kubernetes gave it; a headless one
 * at the addresses of its pods. That is what names resolve to, so a transparent proxy recognises the traffic.
 *
 * @param reachable the services that the pod consumes; all where the list is empty.
 */
export function outboundsOfPod(
  pod: Pod,
  reachable: readonly string[],
  { otherDataplanes = [], otherServices = [] }: OutboundSources,
): readonly Outbound[] {
  const endpoints = endpointsByService(otherDataplanes);
  const services = new Map(otherServices.map((service) => [tagPrefix(service), service]));
  const names = [...endpoints.keys()].sort();
  return names
    .filter((name) => reachable.length === 0 || reachable.includes(name))
    .flatMap((name) => {
      const [, prefix = '', port] = serviceForm.exec(name) ?? [];
      const service = services.get(prefix);
      if (service === undefined || isExternalName(service) || Number(port) === reservedPort) {
        return [];
      }
      return isHeadless(service)
        ? toPods(name, pod, endpoints.get(name) ?? [])
        : [{ address: service.spec.clusterIP, port: Number(port), tags: { [serviceTag]: name } }];
    });
}

/** The pod itself is left out: the outbound would be in the way of its inbound. */
function toPods(name: string, pod: Pod, endpoints: readonly Endpoint[]): readonly Outbound[] {
  return endpoints
    .filter(({ address }) => address !== pod.status.podIP)
    .map(({ address, port, instance }) => ({
      address,
      port,
      tags: { [serviceTag]: name, [instanceTag]: instance },
    }));
}

function endpointsByService(dataplanes: readonly DataplaneSpec[]): ReadonlyMap<string, readonly Endpoint[]> {
  const services = new Map<string, Endpoint[]>();
  for (const spec of dataplanes) {
    for (const { address, port = 0, tags = {}, state } of inboundsOf(spec)) {
      const name = tags[serviceTag];
      if (name === undefined || state === 'Ignored') {
        continue;
      }
      const list = services.get(name) ?? [];
      services.set(name, list);
      list.push({
        address: address ?? spec.networking?.address ?? '',
        port,
        instance: tags[instanceTag] ?? '',
      });
    }
  }
  return services;
}

/** What the tag of each of a service's ports starts with. */
function tagPrefix({ metadata }: Service): string {
  return `${metadata.name}_${metadata.namespace}`;
}
