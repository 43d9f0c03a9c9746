import { isHostName } from '../model/addresses.ts';
import { displayNameOf } from '../model/kri.ts';
import { type Labels, labelNames } from '../model/labels.ts';
import type { Resource } from '../model/resource.ts';
import { type HostnameGeneratorSpec, hostnameGeneratorSchema } from '../model/types/hostname-generator.ts';
import { matchesLabels } from '../model/types/label-selector.ts';
import { renderTemplate } from '../model/types/name-template.ts';

/** The types of services that host names are made for, and what generators call them. */
const selectorNames: Readonly<Record<string, keyof HostnameGeneratorSpec['selector']>> = {
  MeshService: 'meshService',
  MeshExternalService: 'meshExternalService',
  MeshMultiZoneService: 'meshMultiZoneService',
};

/**
 * The host name that a HostnameGenerator gives to a service; undefined where it selects others, or where its template
 * cannot be filled in with what the service has, or gives something that is no host name.
 *
 * @param labels those of the service, as far as the selector is concerned: a service is local in one zone only.
 * @param zone the zone of a service that says none.
 */
export function hostnameOf(
  generator: Resource,
  service: Resource,
  labels: Labels,
  zone: string,
): string | undefined {
  const { selector, template } = hostnameGeneratorSchema.parse(generator.spec);
  const name = Object.hasOwn(selectorNames, service.type) ? selectorNames[service.type] : undefined;
  const services = name === undefined ? undefined : selector[name];
  if (services === undefined || !matchesLabels(services, labels)) {
    return undefined;
  }
  const ownZone = service.labels[labelNames.zone] ?? '';
  const fields = {
    Name: service.name,
    DisplayName: displayNameOf(service),
    Namespace: service.labels[labelNames.namespace] ?? '',
    Mesh: service.mesh,
    Zone: ownZone === '' ? zone : ownZone,
  };
  const rendered = renderTemplate(template, fields, labels);
  return 'text' in rendered && isHostName(rendered.text) ? rendered.text : undefined;
}
