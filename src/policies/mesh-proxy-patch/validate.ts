import type { ValidationContext } from '../../model/resource-type.ts';
import { field, index, Violations } from '../../model/violations.ts';
import { createEnvoyResourceCheck, type EnvoyResourceCheck } from '../common/envoy-resource.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef } from '../common/target-ref-validation.ts';
import { validateJsonPatches } from './json-patch-validation.ts';
import type { MeshProxyPatchSpec, Modification, ModificationKind } from './schema.ts';

type Change = NonNullable<Modification[ModificationKind]>;

const topKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshService',
  'MeshServiceSubset',
  'MeshGateway',
  'Dataplane',
];
const kinds = ['cluster', 'listener', 'virtualHost', 'networkFilter', 'httpFilter'] as const;

/** Kuma's rules for a MeshProxyPatch, in its order and words. */
export function validateMeshProxyPatch(spec: MeshProxyPatchSpec, { labels }: ValidationContext): Violations {
  const violations = new Violations();
  validateOwnTargetRef(violations, spec.targetRef, labels, { kinds: topKinds });
  const { appendModifications = [] } = spec.default;
  const path = 'spec.default.appendModifications';
  if (appendModifications.length === 0) {
    violations.add(path, 'must not be empty');
  }
  const check = createEnvoyResourceCheck();
  for (const [position, modification] of appendModifications.entries()) {
    validateModification(violations, index(path, position), modification, check);
  }
  return violations;
}

function validateModification(
  violations: Violations,
  path: string,
  modification: Modification,
  check: EnvoyResourceCheck,
): void {
  const defined = kinds.filter((kind) => modification[kind] !== undefined);
  const [kind] = defined;
  const change = kind && modification[kind];
  if (kind === undefined || change === undefined || defined.length > 1) {
    violations.add(
      path,
      `exactly one modification can be defined at a time. Currently, ${defined.length} modifications are defined`,
    );
    return;
  }
  validateMatch(violations, field(path, kind), kind, change);
  if (change.operation === 'Patch') {
    validatePatch(violations, path, kind, change, check);
  } else if (change.operation === 'Remove') {
    if (change.value !== undefined) {
      violations.add(field(path, `${kind}.value`), 'must not be defined');
    }
  } else {
    validateAddition(violations, field(path, `${kind}.value`), kind, change.value, check);
  }
}

/** A new resource takes the place of none; a new filter may need one for a neighbour. */
function validateMatch(
  violations: Violations,
  path: string,
  kind: ModificationKind,
  { operation, match }: Change,
): void {
  const isFilter = kind === 'httpFilter' || kind === 'networkFilter';
  switch (operation) {
    case 'Add':
      if (kind === 'virtualHost') {
        if (match?.name !== undefined) {
          violations.add(field(path, 'match.name'), 'must not be defined');
        }
      } else if (match !== undefined) {
        violations.add(field(path, 'match'), 'must not be defined');
      }
      break;
    case 'AddBefore':
    case 'AddAfter':
      if (match?.name === undefined) {
        const side = operation === 'AddBefore' ? 'before' : 'after';
        violations.add(
          field(path, 'match.name'),
          `must be defined. You need to pick a filter ${side} which this one will be added`,
        );
      }
      break;
    case 'Patch':
      if (isFilter && match?.name === undefined) {
        violations.add(field(path, 'match.name'), 'must be defined');
      }
      break;
    default:
  }
}

function validateAddition(
  violations: Violations,
  path: string,
  kind: ModificationKind,
  value: string | undefined,
  check: EnvoyResourceCheck,
): void {
  if (value === undefined) {
    violations.add(path, 'must be defined');
    return;
  }
  const problem = check(kind, value, 'whole');
  if (problem !== undefined) {
    violations.add(path, `native Envoy resource is not valid: ${problem}`);
  }
}

function validatePatch(
  violations: Violations,
  parent: string,
  kind: ModificationKind,
  { value, jsonPatches = [] }: Change,
  check: EnvoyResourceCheck,
): void {
  const path = field(parent, kind);
  if (value === undefined) {
    if (jsonPatches.length === 0) {
      violations.add(path, `${kind} must have exactly one defined: value, jsonPatches`);
    }
    validateJsonPatches(violations, field(path, 'jsonPatches'), jsonPatches);
    return;
  }
  if (jsonPatches.length > 0) {
    violations.add(path, `${kind} must have only one type defined: value, jsonPatches`);
    return;
  }
  const problem = check(kind, value, 'part');
  if (problem !== undefined) {
    violations.add(field(path, 'value'), `native Envoy resource is not valid: ${problem}`);
  }
}
