import { field, index, Violations } from '../../model/violations.ts';
import { validateClientMatches } from '../common/client-match.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateTargetRef } from '../common/target-ref-validation.ts';
import type { MeshTrafficPermissionSpec } from './schema.ts';

const topKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshService',
  'MeshServiceSubset',
  'Dataplane',
];
const fromKinds: readonly TargetRefKind[] = ['Mesh', 'MeshSubset', 'MeshService', 'MeshServiceSubset'];

/** Kuma's rules for a MeshTrafficPermission, in its order and words. */
export function validateMeshTrafficPermission(spec: MeshTrafficPermissionSpec): Violations {
  const violations = new Violations();
  const { targetRef, from = [], rules = [] } = spec;
  if (targetRef !== undefined) {
    validateTargetRef(violations, 'spec.targetRef', targetRef, {
      kinds: topKinds,
      inbound: from.length > 0 || rules.length > 0,
    });
  }
  if (from.length > 0 && rules.length > 0) {
    violations.add('spec', "field 'from' must be empty when 'rules' is defined");
  }
  if (from.length === 0 && rules.length === 0) {
    violations.add('spec', "at least one of 'from' or 'rules' has to be defined");
  }
  for (const [position, rule] of rules.entries()) {
    validateRule(violations, index('spec.rules', position), rule.default);
  }
  for (const [position, item] of from.entries()) {
    const path = index('spec.from', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, { kinds: fromKinds });
    if (item.default.action === undefined) {
      violations.add(field(path, 'default.action'), 'must be defined');
    }
  }
  return violations;
}

function validateRule(
  violations: Violations,
  path: string,
  conf: NonNullable<MeshTrafficPermissionSpec['rules']>[number]['default'],
): void {
  const { allow = [], allowWithShadowDeny = [], deny = [] } = conf;
  if (allow.length === 0 && allowWithShadowDeny.length === 0 && deny.length === 0) {
    violations.add(path, "at least one of 'allow', 'allowWithShadowDeny', 'deny' has to be defined");
  }
  // The reference leaves out `default` in these paths; clients compare them.
  validateClientMatches(violations, field(path, 'allow'), allow);
  validateClientMatches(violations, field(path, 'allowWithShadowDeny'), allowWithShadowDeny);
  validateClientMatches(violations, field(path, 'deny'), deny);
}
