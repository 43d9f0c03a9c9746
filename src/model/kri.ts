import { KumulusError } from './errors.ts';
import { type Labels, labelNames } from './labels.ts';

/** The parts of a Kuma resource identifier: `kri_<short name>_<mesh>_<zone>_<namespace>_<name>_<section name>`. */
export interface Kri {
  readonly shortName: string;
  readonly mesh: string;
  readonly zone: string;
  readonly namespace: string;
  readonly name: string;
  readonly sectionName: string;
}

/** What of a resource its identifier is made from. */
export interface KriSource {
  readonly mesh: string;
  readonly name: string;
  readonly labels: Labels;
}

/** The name that a resource is shown by: its label `kuma.io/display-name`, or its name. */
export function displayNameOf(resource: Pick<KriSource, 'name' | 'labels'>): string {
  const label = resource.labels[labelNames.displayName];
  return label === undefined || label === '' ? resource.name : label;
}

/** The identifier of a resource; undefined where its type has no short name. */
export function kri(
  type: { readonly shortName: string },
  resource: KriSource,
  sectionName = '',
): string | undefined {
  return type.shortName === ''
    ? undefined
    : formatKri({
        shortName: type.shortName,
        mesh: resource.mesh,
        zone: resource.labels[labelNames.zone] ?? '',
        namespace: resource.labels[labelNames.namespace] ?? '',
        name: displayNameOf(resource),
        sectionName,
      });
}

function formatKri(parts: Kri): string {
  const { shortName, mesh, zone, namespace, name, sectionName } = parts;
  return `kri_${shortName}_${mesh}_${zone}_${namespace}_${name}_${sectionName}`;
}

/**
 * Reads an identifier. Whether its short name is one of a type is for the caller to find out.
 *
 * @throws KumulusError `bad_request` where it has too few parts or does not start with `kri_`.
 */
export function parseKri(text: string): Kri {
  const [prefix, shortName, mesh, zone, namespace, name, ...rest] = text.split('_');
  if (
    shortName === undefined ||
    mesh === undefined ||
    zone === undefined ||
    namespace === undefined ||
    name === undefined ||
    rest.length === 0
  ) {
    throw new KumulusError('bad_request', `bad request: invalid identifier string: ${JSON.stringify(text)}`);
  }
  if (prefix !== 'kri') {
    const message = `bad request: identifier must start with 'kri': ${JSON.stringify(text)}`;
    throw new KumulusError('bad_request', message);
  }
  return { shortName, mesh, zone, namespace, name, sectionName: rest.join('') };
}
