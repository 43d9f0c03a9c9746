import type { ResourceType } from './resource-type.ts';
import { key, Violations } from './violations.ts';

export type Labels = Readonly<Record<string, string>>;

/** Labels with a meaning to Kuma. */
export const labelNames = {
  displayName: 'kuma.io/display-name',
  effect: 'kuma.io/effect',
  environment: 'kuma.io/env',
  mesh: 'kuma.io/mesh',
  namespace: 'k8s.kuma.io/namespace',
  origin: 'kuma.io/origin',
  policyRole: 'kuma.io/policy-role',
  proxyType: 'kuma.io/proxy-type',
  workload: 'kuma.io/workload',
  zone: 'kuma.io/zone',
} as const;

/** Where a resource is written. */
export interface LabelContext {
  /** Empty for resources of global scope. */
  readonly mesh: string;
  /** The control plane's zone. */
  readonly zone: string;
  /** `universal` unless told. */
  readonly environment?: 'universal' | 'kubernetes';
}

/** The labels that stay what they were when a resource was made, in the order in which violations tell of them. */
const immutable = [labelNames.origin, labelNames.zone, labelNames.displayName];

/**
 * The labels under which a resource is stored: those that were given, and those that the control plane knows better.
 * Origin, zone, mesh, environment and proxy type are always the control plane's; the reference keeps what was claimed.
 */
export function computeLabels<Spec>(
  type: ResourceType<Spec>,
  spec: Spec,
  given: Labels,
  context: LabelContext,
): Labels {
  const proxyType = type.proxyType?.(spec);
  return sorted({
    ...given,
    ...(type.scope === 'Mesh' ? { [labelNames.mesh]: context.mesh } : {}),
    ...(type.providedByZone
      ? {
          [labelNames.origin]: 'zone',
          [labelNames.zone]: context.zone,
          [labelNames.environment]: context.environment ?? 'universal',
        }
      : {}),
    ...(proxyType === undefined ? {} : { [labelNames.proxyType]: proxyType }),
  });
}

/** Kuma's rules for labels that a request gives; paths start at `labels`. */
export function validateLabels(violations: Violations, labels: Labels, context: LabelContext): void {
  const path = 'labels';
  const origin = labels[labelNames.origin] ?? '';
  if (origin !== '' && origin !== 'global' && origin !== 'zone') {
    violations.add(key(path, labelNames.origin), `unknown resource origin ${JSON.stringify(origin)}`);
  }
  if (origin !== 'global') {
    const zone = labels[labelNames.zone];
    if (zone !== undefined && zone !== context.zone) {
      violations.add(
        key(path, labelNames.zone),
        `${labelNames.zone} label should have ${context.zone} value`,
      );
    }
    const mesh = labels[labelNames.mesh];
    if (mesh !== undefined && mesh !== context.mesh) {
      const message = `${labelNames.mesh} label must not differ from mesh set on resource`;
      violations.add(key(path, labelNames.mesh), message);
    }
  }
  for (const name of Object.keys(labels).sort()) {
    for (const problem of [...labelKeyProblems(name), ...labelValueProblems(labels[name] ?? '')]) {
      violations.add(key(path, name), problem);
    }
  }
}

/**
 * The violations of a request that would change labels that never change, paths at `labels`. What the request leaves
 * out counts as what the control plane would put there.
 */
export function validateLabelChange<Spec>(
  type: ResourceType<Spec>,
  stored: Labels,
  given: Labels,
  context: LabelContext,
): Violations {
  const violations = new Violations();
  const before = claimedLabels(type, stored, context);
  const after = claimedLabels(type, given, context);
  for (const name of immutable) {
    const was = before[name];
    const is = after[name];
    if (was !== undefined && is === undefined) {
      violations.add(key('labels', name), `is immutable, cannot be removed (was ${JSON.stringify(was)})`);
    } else if (was !== undefined && is !== was) {
      const message = `is immutable, cannot be changed from ${JSON.stringify(was)} to ${JSON.stringify(is)}`;
      violations.add(key('labels', name), message);
    }
  }
  return violations;
}

/** The labels that never change as a request claims them, with the defaults for what it does not say. */
function claimedLabels<Spec>(type: ResourceType<Spec>, given: Labels, context: LabelContext): Labels {
  if (!type.providedByZone) {
    return given;
  }
  const claimed = { [labelNames.origin]: 'zone', ...given };
  return claimed[labelNames.origin] === 'global' ? claimed : { [labelNames.zone]: context.zone, ...claimed };
}

const maxPartLength = 63;
const maxPrefixLength = 253;
const keyPart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const keyPartWords =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const prefixPart = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with the name of a label, in the words of Kubernetes. */
function labelKeyProblems(name: string): string[] {
  const parts = name.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${keyPartWords} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const own = parts.at(-1) ?? '';
  const problems = parts.length === 2 ? prefixProblems(parts[0] ?? '') : [];
  if (own === '') {
    problems.push('name part must be non-empty');
  } else if (Buffer.byteLength(own) > maxPartLength) {
    problems.push(`name part must be no more than ${maxPartLength} bytes`);
  }
  if (!keyPart.test(own)) {
    problems.push(`name part ${keyPartWords}`);
  }
  return problems;
}

function prefixProblems(prefix: string): string[] {
  if (prefix === '') {
    return ['prefix part must be non-empty'];
  }
  return [
    ...(Buffer.byteLength(prefix) > maxPrefixLength
      ? [`prefix part must be no more than ${maxPrefixLength} bytes`]
      : []),
    ...(prefixPart.test(prefix)
      ? []
      : [
          "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and " +
            "must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ]),
  ];
}

/** What is wrong with the value of a label, in the words of Kubernetes. */
function labelValueProblems(value: string): string[] {
  return [
    ...(Buffer.byteLength(value) > maxPartLength ? [`must be no more than ${maxPartLength} bytes`] : []),
    ...(value === '' || keyPart.test(value)
      ? []
      : [
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start " +
            "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for " +
            "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        ]),
  ];
}

function sorted(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
