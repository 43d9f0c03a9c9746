import { labelNames } from '../../model/labels.ts';
import { parseProtocol } from '../../model/protocol.ts';
import { protocolTag, serviceTag, type Tags, zoneTag } from '../../model/tags.ts';
import { annotation, readAnnotations } from '../annotations.ts';
import type { Pod, Service, ServicePort } from './objects.ts';

/** Tells the pods of a headless service apart. */
export const instanceTag = 'kuma.io/instance';
const servicePortTag = 'k8s.kuma.io/service-port';

/** What tags are made of beside the pod. */
export interface TagSources {
  /** The control plane's zone; no tag where it is empty. */
  readonly zone: string;
  /** Those labels of the pod's node that proxies carry on. */
  readonly nodeLabels: Tags;
}

/** Whether a service has no address of its own: its name stands for the addresses of its pods. */
export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None';
}

/** Kubernetes documents that services of this type select nothing, but does not check it. */
export function isExternalName(service: Service): boolean {
  return service.spec.type === 'ExternalName';
}

/** The tags of the inbound for a port of a service: the pod's labels that are not Kuma's own, the service, the port. */
export function tagsForService(pod: Pod, service: Service, port: ServicePort, sources: TagSources): Tags {
  const labels = Object.entries(pod.metadata.labels).filter(
    ([name, value]) => value !== '' && !name.includes('kuma.io/'),
  );
  const { name, namespace } = service.metadata;
  const protocol = protocolOfPort(service, port);
  return {
    ...Object.fromEntries(labels),
    [labelNames.namespace]: pod.metadata.namespace,
    [annotation.serviceName]: name,
    [servicePortTag]: String(port.port),
    [serviceTag]: `${name}_${namespace}_svc_${port.port}`,
    ...zoneTags(sources),
    ...sources.nodeLabels,
    // A delegated gateway speaks TCP with the mesh, whatever the service says.
    ...(protocol !== 'tcp' && isGatewayByService(pod) ? {} : { [protocolTag]: protocol }),
    ...(isHeadless(service) ? { [instanceTag]: pod.metadata.name } : {}),
  };
}

/** The tags of a pod that no service selects: it is a service of its own, under the name of what owns it. */
export function tagsForPod(pod: Pod, owner: string, sources: TagSources): Tags {
  const labels = Object.entries(pod.metadata.labels).filter(([, value]) => value !== '');
  return {
    ...Object.fromEntries(labels),
    [labelNames.namespace]: pod.metadata.namespace,
    [serviceTag]: `${owner}_${pod.metadata.namespace}_svc`,
    ...zoneTags(sources),
    [protocolTag]: 'tcp',
    [instanceTag]: pod.metadata.name,
    ...sources.nodeLabels,
  };
}

/**
 * The protocol of a service's port: `appProtocol` where Kuma knows it, else what the annotation
 * `<port>.service.kuma.io/protocol` says even if that is unknown, so that a mistake shows; else `tcp`.
 */
function protocolOfPort(service: Service, { port, appProtocol }: ServicePort): string {
  const known = parseProtocol(appProtocol) === 'unknown' ? '' : appProtocol;
  const said = readAnnotations(service.metadata.annotations).text(`${port}.service.kuma.io/protocol`) ?? '';
  return (known || said || 'tcp').toLowerCase();
}

/** `provided` is no value of a switch, and gateways that are told so keep their protocol. */
function isGatewayByService(pod: Pod): boolean {
  return ['enabled', 'true', 'yes'].includes(
    readAnnotations(pod.metadata.annotations).text(annotation.gateway) ?? '',
  );
}

function zoneTags({ zone }: TagSources): Tags {
  return zone === '' ? {} : { [zoneTag]: zone };
}
