import { KumulusError } from '../../model/errors.ts';
import type { Labels } from '../../model/labels.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import {
  type ZoneEgressSpec,
  type ZoneIngressSpec,
  zoneEgressSchema,
  zoneEgressType,
  zoneIngressSchema,
  zoneIngressType,
} from '../../model/types/zone-proxy.ts';
import { annotation, readAnnotations } from '../annotations.ts';
import { type InboundSources, inboundsOfPod, withoutDuplicates } from './inbounds.ts';
import { labelsOfPod } from './labels.ts';
import type { Node, Pod, Service } from './objects.ts';
import { annotationRefusal } from './refusal.ts';

/** What a ZoneIngress or ZoneEgress is made of beside its pod. */
export interface ZoneProxySources<Spec> extends InboundSources {
  /** The resource that the pod has already: what others wrote into it stays, such as the services of an ingress. */
  readonly existing?: { readonly labels: Labels; readonly spec: Spec };
}

/** A ZoneIngress or ZoneEgress without its name, which is the pod's. */
export interface PodZoneProxy<Spec> {
  readonly labels: Labels;
  readonly spec: Spec;
}

/** Where other zones reach an ingress. */
interface PublicAddress {
  readonly advertisedAddress: string;
  readonly advertisedPort: number;
}

/**
 * The ZoneIngress of a pod. Its public address comes from annotations, else from the service that selects the pod: the
 * load balancer's, or a node's and the node port.
 *
 * @throws KumulusError `invalid` where other than one service with one TCP port selects the pod, or an annotation has
 *   another form; `not_found` where a node's address is needed and there is none.
 */
export function zoneIngressOfPod(
  pod: Pod,
  sources: ZoneProxySources<ZoneIngressSpec>,
): PodZoneProxy<ZoneIngressSpec> {
  const { existing } = sources;
  const { service, port } = onlyPort(pod, sources, 'ingress');
  const published = annotatedAddress(pod) ?? serviceAddress(service, sources.node);
  const spec = zoneIngressSchema.parse({
    ...existing?.spec,
    networking: {
      ...existing?.spec.networking,
      address: pod.status.podIP,
      port,
      ...published,
      ...adminOf(pod),
    },
  });
  return { labels: zoneProxyLabels(zoneIngressType, spec, pod, existing?.labels), spec };
}

/**
 * The ZoneEgress of a pod.
 *
 * @throws KumulusError `invalid` where other than one service with one TCP port selects the pod, or an annotation has
 *   another form.
 */
export function zoneEgressOfPod(
  pod: Pod,
  sources: ZoneProxySources<ZoneEgressSpec>,
): PodZoneProxy<ZoneEgressSpec> {
  const { existing, zone } = sources;
  const { port } = onlyPort(pod, sources, 'egress');
  const spec = zoneEgressSchema.parse({
    zone,
    networking: { ...existing?.spec.networking, address: pod.status.podIP, port, ...adminOf(pod) },
  });
  return { labels: zoneProxyLabels(zoneEgressType, spec, pod, existing?.labels), spec };
}

function zoneProxyLabels<Spec>(
  type: ResourceType<Spec>,
  spec: Spec,
  pod: Pod,
  existingLabels: Labels = {},
): Labels {
  return labelsOfPod(type, spec, pod, { existingLabels, mesh: '', workload: '' });
}

function onlyPort(
  pod: Pod,
  sources: InboundSources,
  kind: 'ingress' | 'egress',
): { readonly service: Service; readonly port: number } {
  const [service, ...others] = sources.services;
  if (service === undefined || others.length > 0) {
    const message = `${kind} should be matched by exactly one service. Matched ${sources.services.length} services`;
    throw new KumulusError('invalid', message);
  }
  const [inbound, ...more] = withoutDuplicates(inboundsOfPod(pod, sources));
  if (more.length > 0) {
    throw new KumulusError('invalid', `generated ${more.length + 1} inbound interfaces, expected 1`);
  }
  return { service, port: inbound?.port ?? 0 };
}

function adminOf(pod: Pod) {
  const port = readAnnotations(pod.metadata.annotations).uint32(annotation.envoyAdminPort);
  return port === undefined ? {} : { admin: { port } };
}

function annotatedAddress(pod: Pod): PublicAddress | undefined {
  const annotations = readAnnotations(pod.metadata.annotations);
  const advertisedAddress = annotations.text(annotation.ingressPublicAddress);
  const advertisedPort = annotations.uint32(annotation.ingressPublicPort);
  if (advertisedAddress === undefined && advertisedPort === undefined) {
    return undefined;
  }
  if (advertisedAddress === undefined || advertisedPort === undefined) {
    const { ingressPublicAddress: address, ingressPublicPort: port } = annotation;
    throw annotationRefusal(
      advertisedAddress === undefined ? address : port,
      `both ${address} and ${port} has to be defined`,
    );
  }
  return { advertisedAddress, advertisedPort };
}

/** Undefined for a service that nobody reaches from outside, and while its load balancer is made. */
function serviceAddress(service: Service, node: Node | undefined): PublicAddress | undefined {
  const [servicePort] = service.spec.ports;
  switch (service.spec.type) {
    case 'LoadBalancer': {
      const [balancer] = service.status.loadBalancer.ingress;
      const advertisedAddress = balancer?.ip || balancer?.hostname || '';
      return advertisedAddress === ''
        ? undefined
        : { advertisedAddress, advertisedPort: servicePort?.port ?? 0 };
    }
    case 'NodePort':
      return { advertisedAddress: nodeAddress(node), advertisedPort: servicePort?.nodePort ?? 0 };
    default:
      return undefined;
  }
}

/** Where a node is reached from outside of its cluster; else its inner address, which is enough for clusters side by side. */
function nodeAddress(node: Node | undefined): string {
  const addresses = node?.status.addresses ?? [];
  const address =
    addresses.find(({ type }) => type === 'ExternalIP') ??
    addresses.find(({ type }) => type === 'InternalIP');
  if (address === undefined) {
    const message =
      node === undefined
        ? 'there are no nodes'
        : 'could not find valid Node address for Ingress publicAddress';
    throw new KumulusError('not_found', message);
  }
  return address.address;
}
