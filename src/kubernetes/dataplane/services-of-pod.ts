import { isKumulusError } from '../../model/errors.ts';
import { matchesLabels } from '../../model/types/label-selector.ts';
import { annotation, readAnnotations } from '../annotations.ts';
import type { EndpointSlice, Pod, Service } from './objects.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

/** How services are found for a pod. */
export interface ServiceSearch {
  /** Those of services without a selector count; none unless told. */
  readonly endpointSlices?: readonly EndpointSlice[];
  /**
   * Labels of selectors that are left out (`KUMA_RUNTIME_KUBERNETES_INJECTOR_IGNORED_SERVICE_SELECTOR_LABELS`); none
   * unless told.
   */
  readonly ignoredServiceSelectorLabels?: readonly string[];
}

/**
 * The services of a pod's namespace that send traffic to it, in the order of names, so that inbounds have the same order
 * in every zone. Those with the annotation `kuma.io/ignore` are left out.
 */
export function servicesOfPod(
  pod: Pod,
  services: readonly Service[],
  { endpointSlices = [], ignoredServiceSelectorLabels = [] }: ServiceSearch = {},
): readonly Service[] {
  return services
    .filter((service) => service.metadata.namespace === pod.metadata.namespace && !isIgnored(service))
    .filter((service) => {
      const selector = Object.entries(service.spec.selector);
      if (selector.length === 0) {
        return endpointSlices.some((slice) => leadsTo(slice, service, pod));
      }
      const counted = selector.filter(([name]) => !ignoredServiceSelectorLabels.includes(name));
      return matchesLabels({ matchLabels: Object.fromEntries(counted) }, pod.metadata.labels);
    })
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function leadsTo({ metadata, endpoints }: EndpointSlice, service: Service, pod: Pod): boolean {
  const ofService =
    metadata.namespace === service.metadata.namespace &&
    metadata.labels[serviceNameLabel] === service.metadata.name;
  const { uid } = pod.metadata;
  return ofService && uid !== '' && endpoints.some(({ targetRef }) => targetRef.uid === uid);
}

/** A value that is none counts as absent: a service is not lost by a mistake in it. */
function isIgnored(service: Service): boolean {
  try {
    return readAnnotations(service.metadata.annotations).enabled(annotation.ignore) === true;
  } catch (error) {
    if (isKumulusError(error, 'invalid')) {
      return false;
    }
    throw error;
  }
}
