import type { ValidationContext } from '../../model/resource-type.ts';
import { field, index, Violations } from '../../model/violations.ts';
import { validateBackendRefs } from '../common/backend-ref.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef, validateTargetRef } from '../common/target-ref-validation.ts';
import type { MeshTcpRouteSpec } from './schema.ts';

const ownKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'Dataplane',
];
const toKinds: readonly TargetRefKind[] = ['MeshService', 'MeshExternalService', 'MeshMultiZoneService'];
const toKindsBehindGateway: readonly TargetRefKind[] = ['Mesh'];

/** Kuma's rules for a MeshTCPRoute, in its order and words. */
export function validateMeshTcpRoute(spec: MeshTcpRouteSpec, { labels }: ValidationContext): Violations {
  const violations = new Violations();
  validateOwnTargetRef(violations, spec.targetRef, labels, { kinds: ownKinds, gatewayListenerTags: true });
  const kinds = spec.targetRef?.kind === 'MeshGateway' ? toKindsBehindGateway : toKinds;
  for (const [position, item] of (spec.to ?? []).entries()) {
    const path = index('spec.to', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, { kinds });
    for (const [rulePosition, rule] of item.rules.entries()) {
      const backendsPath = field(index(field(path, 'rules'), rulePosition), 'default.backendRefs');
      const { backendRefs = [] } = rule.default;
      if (backendRefs.length === 0) {
        violations.add(backendsPath, 'must be defined');
      }
      validateBackendRefs(violations, backendsPath, backendRefs);
    }
  }
  return violations;
}
