import type { Inbound } from '../../model/types/dataplane.ts';
import { matchesLabels } from '../../model/types/label-selector.ts';
import { sidecarContainerName } from '../pod.ts';
import type { Container, Pod, Service } from './objects.ts';

type State = Pick<Inbound, 'state' | 'health'>;

/** `health` is the older form of `state`; both are written. */
const ready: State = { health: { ready: true } };
const notReady: State = { health: {}, state: 'NotReady' };
const ignored: State = { health: {}, state: 'Ignored' };

/**
 * Whether the inbound for a service takes traffic: the container behind it and the sidecar are ready, and the pod stays.
 * It is ignored where the service selects other pods, which is so where the search for services left out labels of its
 * selector (`ignoredServiceSelectorLabels`).
 */
export function stateForService(pod: Pod, service: Service, container: Container | undefined): State {
  if (!matchesLabels({ matchLabels: service.spec.selector }, pod.metadata.labels)) {
    return ignored;
  }
  const stays = pod.metadata.deletionTimestamp === '';
  return stays && !isDown(pod, container?.name) && !isSidecarDown(pod) ? ready : notReady;
}

/** The same of a pod that no service selects: each of its containers has to be ready. */
export function stateForPod(pod: Pod): State {
  const own = pod.spec.containers.filter(({ name }) => name !== sidecarContainerName);
  return own.some(({ name }) => isDown(pod, name)) || isSidecarDown(pod) ? notReady : ready;
}

/** A container of which nothing is known yet does not count. */
function isDown(pod: Pod, container: string | undefined): boolean {
  return pod.status.containerStatuses.find(({ name }) => name === container)?.ready === false;
}

function isSidecarDown({ status }: Pod): boolean {
  const all = [...status.containerStatuses, ...status.initContainerStatuses];
  return all.find(({ name }) => name === sidecarContainerName)?.ready === false;
}
