import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshLoadBalancingStrategySpec, meshLoadBalancingStrategySchema } from './schema.ts';
import { validateMeshLoadBalancingStrategy } from './validate.ts';
import { hashPolicyDeprecations, sizeWarnings } from './warnings.ts';

/** Kuma's `MeshLoadBalancingStrategy`. */
export const meshLoadBalancingStrategyType: ResourceType<MeshLoadBalancingStrategySpec> = {
  name: 'MeshLoadBalancingStrategy',
  scope: 'Mesh',
  path: 'meshloadbalancingstrategies',
  singularDisplayName: 'Mesh Load Balancing Strategy',
  pluralDisplayName: 'Mesh Load Balancing Strategies',
  shortName: 'mlbs',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshLoadBalancingStrategySchema,
  validate: validateMeshLoadBalancingStrategy,
  deprecations: (spec) => [
    ...(spec.to ?? []).flatMap((item, position) =>
      hashPolicyDeprecations(`spec.to[${position}].default`, item.default.loadBalancer),
    ),
    ...targetRefDeprecations(spec.targetRef),
    ...(spec.to ?? []).flatMap((item, position) =>
      sizeWarnings(`spec.to[${position}].default.loadBalancer`, item.default.loadBalancer),
    ),
  ],
};
