import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import {
  type LoadBalancer,
  type MeshLoadBalancingStrategySpec,
  meshLoadBalancingStrategySchema,
} from './schema.ts';
import { validateMeshLoadBalancingStrategy } from './validate.ts';

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
  ],
};

/** Hash policies have moved out of the load balancer; only those of the algorithm in use are looked at. */
function hashPolicyDeprecations(path: string, loadBalancer: LoadBalancer | undefined): readonly string[] {
  const algorithm =
    loadBalancer?.type === 'RingHash' ? 'ringHash' : loadBalancer?.type === 'Maglev' ? 'maglev' : undefined;
  const policies = algorithm === undefined ? undefined : loadBalancer?.[algorithm]?.hashPolicies;
  if (policies === undefined) {
    return [];
  }
  const policiesPath = `${path}.loadBalancer.${algorithm}.hashPolicies`;
  return [
    `configuration '${policiesPath}' is deprecated, use '${path}.hashPolicies' instead`,
    ...policies.flatMap(({ type }, position) =>
      type === 'SourceIP'
        ? [`SourceIP type for '${policiesPath}[${position}].type' is deprecated, use Connection instead`]
        : [],
    ),
  ];
}
