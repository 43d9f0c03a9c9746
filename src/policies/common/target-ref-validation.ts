import { type Labels, labelNames } from '../../model/labels.ts';
import { type Tags, validateSelector, validateTags } from '../../model/tags.ts';
import { field, type Violations } from '../../model/violations.ts';
import type { TargetRef, TargetRefKind } from './target-ref.ts';

/** What a targetRef may be at one place of one policy. */
export interface TargetRefRules {
  readonly kinds: readonly TargetRefKind[];
  /** Whether `sectionName` may pick an inbound of a Dataplane. */
  readonly inbound?: boolean;
  /** Whether `tags` may pick listeners of a MeshGateway. */
  readonly gatewayListenerTags?: boolean;
  /** What is said of a kind that is none of `kinds`, in place of its name. */
  readonly unsupported?: string;
  /** Names that are taken although their characters are none for a name. */
  readonly exceptionalNames?: readonly string[];
}

/** One targetRef that is being checked. */
interface Subject {
  readonly violations: Violations;
  readonly path: string;
  readonly ref: TargetRef;
  readonly rules: TargetRefRules;
}

type Check = (subject: Subject) => void;
type Member = Exclude<keyof TargetRef, 'kind'>;

const nameCharacters = /^[0-9a-z.\-_]*$/;

/** Kinds that only a policy of the whole system may have for its own target. */
const systemKinds: ReadonlySet<TargetRefKind> = new Set(['MeshGateway', 'MeshHTTPRoute']);

/**
 * Checks a policy's own target, which may be absent. One whose label `kuma.io/policy-role` gives it a part smaller than
 * `system` may target neither gateways nor routes.
 */
export function validateOwnTargetRef(
  violations: Violations,
  ref: TargetRef | undefined,
  labels: Labels,
  rules: TargetRefRules,
): void {
  if (ref === undefined) {
    return;
  }
  const role = labels[labelNames.policyRole] ?? '';
  const kinds =
    role === '' || role === 'system' ? rules.kinds : rules.kinds.filter((kind) => !systemKinds.has(kind));
  validateTargetRef(violations, 'spec.targetRef', ref, { ...rules, kinds });
}

/** Kuma's rules for a targetRef, in its order and words. */
export function validateTargetRef(
  violations: Violations,
  path: string,
  ref: TargetRef,
  rules: TargetRefRules,
): void {
  if (!rules.kinds.includes(ref.kind)) {
    violations.add(field(path, 'kind'), rules.unsupported ?? `value '${ref.kind}' is not supported`);
    return;
  }
  for (const check of checks[ref.kind]) {
    check({ violations, path, ref, rules });
  }
}

const checkName: Check = (subject) => {
  const { ref, rules } = subject;
  const name = ref.name ?? '';
  if (!nameCharacters.test(name) && rules.exceptionalNames?.includes(name) !== true) {
    add(
      subject,
      'name',
      "invalid characters: must consist of lower case alphanumeric characters, '-', '.' and '_'.",
    );
  }
};

const requireName: Check = (subject) => {
  if (!isSet(subject.ref.name)) {
    add(subject, 'name', `must be set with kind ${subject.ref.kind}`);
  }
};

const requireNameOrLabels: Check = (subject) => {
  if (!isSet(subject.ref.labels)) {
    requireName(subject);
  }
};

const checkProxyTypes: Check = (subject) => {
  if (subject.ref.proxyTypes?.length === 0) {
    add(subject, 'proxyTypes', 'must be undefined or have at least one element');
  }
};

/** Labels stand in the place of name and namespace. */
function exclusiveLabels(message = 'either labels or name and namespace must be specified'): Check {
  return (subject) => {
    const { labels, name, namespace } = subject.ref;
    if (isSet(labels) && (isSet(name) || isSet(namespace))) {
      add(subject, 'labels', message);
    }
  };
}

function disallow(...members: readonly Member[]): Check {
  return (subject) => {
    for (const member of members.filter((name) => isSet(subject.ref[name]))) {
      add(subject, member, `must not be set with kind ${subject.ref.kind}`);
    }
  };
}

const checkSelector: Check = ({ violations, path, ref }) =>
  validateSelector(violations, field(path, 'tags'), ref.tags);

/** What each kind takes, in the order in which the reference looks. */
const checks: Readonly<Record<TargetRefKind, readonly Check[]>> = {
  Mesh: [
    (subject) => {
      if (isSet(subject.ref.name)) {
        add(subject, 'name', 'using name with kind Mesh is not yet supported');
      }
    },
    disallow('mesh', 'tags', 'labels', 'namespace', 'sectionName'),
    checkProxyTypes,
  ],
  Dataplane: [
    disallow('tags', 'mesh', 'proxyTypes'),
    exclusiveLabels(),
    (subject) => {
      if (subject.rules.inbound !== true && isSet(subject.ref.sectionName)) {
        add(subject, 'sectionName', 'can only be used with inbound policies');
      }
    },
  ],
  MeshSubset: [
    disallow('name', 'mesh'),
    ({ violations, path, ref }) => validateTags(violations, field(path, 'tags'), ref.tags),
    disallow('labels', 'namespace', 'sectionName'),
    checkProxyTypes,
  ],
  MeshService: [checkName, disallow('mesh', 'tags', 'proxyTypes'), requireNameOrLabels, exclusiveLabels()],
  // The reference asks nothing of this kind.
  MeshMultiZoneService: [],
  MeshHTTPRoute: [
    checkName,
    disallow('mesh', 'tags', 'proxyTypes', 'sectionName'),
    requireNameOrLabels,
    exclusiveLabels(),
  ],
  MeshExternalService: [
    checkName,
    disallow('mesh', 'tags', 'proxyTypes'),
    requireNameOrLabels,
    exclusiveLabels('either labels or name must be specified'),
    disallow('sectionName'),
  ],
  MeshServiceSubset: [
    requireName,
    checkName,
    disallow('mesh', 'proxyTypes'),
    checkSelector,
    disallow('labels', 'namespace', 'sectionName'),
  ],
  MeshGateway: [
    requireName,
    checkName,
    disallow('mesh', 'proxyTypes'),
    checkSelector,
    (subject) => {
      if (subject.rules.gatewayListenerTags !== true) {
        disallow('tags')(subject);
      }
    },
    disallow('labels', 'namespace', 'sectionName'),
  ],
};

/** Empty texts, lists and maps count as not set. */
function isSet(value: string | Tags | readonly string[] | undefined): boolean {
  return value !== undefined && (typeof value === 'string' ? value !== '' : Object.keys(value).length > 0);
}

function add({ violations, path }: Subject, member: Member, message: string): void {
  violations.add(field(path, member), message);
}

/**
 * An external service is configured at the zone's egress, for all of its clients: only a policy for the whole mesh may
 * have one among its destinations.
 *
 * @param own the kind of the policy's own target.
 */
export function validateExternalDestination(
  violations: Violations,
  path: string,
  ref: TargetRef,
  own: TargetRefKind,
): void {
  if (ref.kind === 'MeshExternalService' && own !== 'Mesh') {
    violations.add(
      field(path, 'kind'),
      'kind MeshExternalService is only allowed with targetRef.kind: Mesh as it is configured on the Zone Egress and ' +
        'shared by all clients in the mesh',
    );
  }
}

/** What a writer should know of a policy's own targetRef, in the reference's words. */
export function targetRefDeprecations(ref: TargetRef | undefined): readonly string[] {
  switch (ref?.kind) {
    case 'MeshService':
    case 'MeshServiceSubset':
    case 'MeshSubset':
      return [`${ref.kind} value for 'targetRef.kind' is deprecated, use Dataplane with labels instead`];
    case 'MeshHTTPRoute':
      return [
        "MeshHTTPRoute value for 'targetRef.kind' is deprecated, use MeshHTTPRoute in spec.to[].targetRef",
      ];
    default:
      return [];
  }
}

/** The same for a list `from`, of policies that have `rules` in its place. */
export function fromDeprecations(from: readonly unknown[] | undefined): readonly string[] {
  return from === undefined || from.length === 0 ? [] : ["'from' field is deprecated, use 'rules' instead"];
}

/** The same for entries of `from` that name clients by service, of policies that take groups of clients. */
export function fromServiceDeprecations(
  from: readonly { readonly targetRef: TargetRef }[] | undefined,
): readonly string[] {
  return (from ?? [])
    .filter(({ targetRef }) => targetRef.kind === 'MeshService')
    .map(
      () =>
        "MeshService value for 'from[].targetRef.kind' is deprecated, use MeshSubset with 'kuma.io/service' instead",
    );
}
