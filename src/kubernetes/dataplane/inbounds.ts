import { KumulusError } from '../../model/errors.ts';
import type { Tags } from '../../model/tags.ts';
import type { Inbound } from '../../model/types/dataplane.ts';
import type { Node, Pod, Service } from './objects.ts';
import { type Owners, ownerNameOf } from './owner-name.ts';
import { stateForPod, stateForService } from './readiness.ts';
import { findTargetPort } from './service-port.ts';
import { isExternalName, type TagSources, tagsForPod, tagsForService } from './tags.ts';

/** The port of an inbound of a pod that no service selects; IANA reserves it, so nothing listens there. */
export const reservedPort = 49_151;

/** What inbounds are made of beside the pod. */
export interface InboundSources extends Owners {
  /** Those that select the pod, in the order of their inbounds. */
  readonly services: readonly Service[];
  /** The node of the pod; needed where labels of it are to be copied. */
  readonly node?: Node;
  readonly zone: string;
  readonly nodeLabelsToCopy?: readonly string[];
}

/**
 * The inbounds of a pod: one for each TCP port of each service that the pod has, and one on the reserved port where
 * that makes none, for a proxy needs a service to have an identity.
 *
 * @throws KumulusError `not_found` where the node or an owner is needed and not there.
 */
export function inboundsOfPod(pod: Pod, sources: InboundSources): readonly [Inbound, ...Inbound[]] {
  const tagSources = { zone: sources.zone, nodeLabels: nodeLabelsFor(pod, sources) };
  const [first, ...others] = sources.services
    .filter((service) => !isExternalName(service))
    .flatMap((service) => inboundsForService(pod, service, tagSources));
  return first === undefined ? [inboundForPod(pod, sources, tagSources)] : [first, ...others];
}

/**
 * The inbounds without those that have port and state of one before them. So they are in a mesh whose traffic goes by
 * MeshServices alone, where their tags say nothing. State counts, so that a service which ignores the pod does not hide
 * another that sends it traffic.
 */
export function withoutDuplicates(inbounds: readonly Inbound[]): readonly Inbound[] {
  const seen = new Set<string>();
  return inbounds.filter(({ port, state }) => {
    const isNew = !seen.has(`${port}:${state}`);
    seen.add(`${port}:${state}`);
    return isNew;
  });
}

function inboundsForService(pod: Pod, service: Service, sources: TagSources): readonly Inbound[] {
  return service.spec.ports.flatMap((servicePort) => {
    if (servicePort.protocol !== '' && servicePort.protocol !== 'TCP') {
      return [];
    }
    const target = findTargetPort(pod, servicePort);
    if (target === undefined) {
      return [];
    }
    const { port, name, container } = target;
    const tags = tagsForService(pod, service, servicePort, sources);
    return [{ port, name, tags, ...stateForService(pod, service, container) }];
  });
}

function inboundForPod(pod: Pod, owners: Owners, sources: TagSources): Inbound {
  const tags = tagsForPod(pod, ownerNameOf(pod, owners).name, sources);
  return { port: reservedPort, tags, ...stateForPod(pod) };
}

function nodeLabelsFor(pod: Pod, { node, nodeLabelsToCopy = [] }: InboundSources): Tags {
  const { nodeName } = pod.spec;
  if (nodeLabelsToCopy.length === 0 || nodeName === '') {
    return {};
  }
  if (node === undefined) {
    throw new KumulusError('not_found', `unable to get Node ${nodeName}`);
  }
  const labels = Object.entries(node.metadata.labels);
  return Object.fromEntries(labels.filter(([name]) => nodeLabelsToCopy.includes(name)));
}
