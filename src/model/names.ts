/** The control plane's own zone where it is not told another, as `KUMA_MULTIZONE_ZONE_NAME` of Kuma. */
export const defaultZone = 'default';

/** The longest name of a resource, as of a DNS subdomain (RFC 1123). */
export const maxNameLength = 253;

/** The longest name of a mesh; it is a DNS label in the names that the mesh gives to services. */
export const maxMeshNameLength = 63;

/** The name of a resource: a DNS subdomain (RFC 1123). */
export const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** The mesh that a resource names. */
export const meshReferencePattern = /^[0-9a-z\-_.]*$/;

/** What is wrong with the name of a resource; undefined where nothing is. */
export function identifierProblem(name: string): string | undefined {
  return problem(
    name,
    namePattern,
    "invalid characters. A lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
      'and must start and end with an alphanumeric character',
  );
}

/** What is wrong with the mesh that a resource names. Meshes of old may have underscores in their names. */
export function meshReferenceProblem(mesh: string): string | undefined {
  return problem(
    mesh,
    meshReferencePattern,
    "invalid characters. Valid characters are numbers, lowercase latin letters and '-', '_', '.' symbols.",
  );
}

const maxLabelLength = 63;
const dnsLabel = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** What is wrong with a name as a DNS label (RFC 1035), in the words of Kubernetes. */
export function dnsLabelProblems(name: string): readonly string[] {
  return [
    ...(Buffer.byteLength(name) > maxLabelLength ? [`must be no more than ${maxLabelLength} bytes`] : []),
    ...(dnsLabel.test(name)
      ? []
      : [
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, " +
            "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is " +
            "'[a-z]([-a-z0-9]*[a-z0-9])?')",
        ]),
  ];
}

/** The warning for a name that is no DNS label, of types whose names become parts of host names. */
export function dnsLabelDeprecations(type: string, name: string): readonly string[] {
  const problems = dnsLabelProblems(name);
  return problems.length === 0
    ? []
    : [
        `Invalid ${type} resource name: '${name}'. It does not conform to the DNS format (RFC 1035). ` +
          `This is deprecated. Errors: ${problems.join('; ')}`,
      ];
}

function problem(name: string, pattern: RegExp, message: string): string | undefined {
  if (name === '') {
    return 'cannot be empty';
  }
  if (Buffer.byteLength(name) > maxNameLength) {
    return `value length must less or equal ${maxNameLength}`;
  }
  return pattern.test(name) ? undefined : message;
}
