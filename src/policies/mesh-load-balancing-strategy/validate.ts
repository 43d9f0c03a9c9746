import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRef, TargetRefKind } from '../common/target-ref.ts';
import {
  type TargetRefRules,
  validateExternalDestination,
  validateTargetRef,
} from '../common/target-ref-validation.ts';
import { validateNotBelowZero } from '../common/value-rules.ts';
import type { HashPolicy, LoadBalancer, LoadBalancingConf, MeshLoadBalancingStrategySpec } from './schema.ts';
import { validateLocalityAwareness } from './validate-locality.ts';

const ownKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'Dataplane',
];
const destinations: TargetRefRules = {
  kinds: ['Mesh', 'MeshService', 'MeshMultiZoneService', 'MeshHTTPRoute'],
};
const gatewayDestinations: TargetRefRules = { kinds: ['Mesh', 'MeshService', 'MeshMultiZoneService'] };
/** The reference names the kind of the policy's own target here; clients compare the words. */
const gatewayLoadBalancing: TargetRefRules = {
  kinds: ['Mesh'],
  unsupported: "value 'MeshGateway' is not supported, only Mesh is allowed if loadBalancer is set",
};

/** Kuma's rules for a MeshLoadBalancingStrategy, in its order and words. */
export function validateMeshLoadBalancingStrategy(spec: MeshLoadBalancingStrategySpec): Violations {
  const violations = new Violations();
  const { targetRef, to = [] } = spec;
  if (targetRef !== undefined) {
    validateTargetRef(violations, 'spec.targetRef', targetRef, {
      kinds: ownKinds,
      gatewayListenerTags: true,
    });
  }
  if (to.length === 0) {
    violations.add('spec.to', 'needs at least one item');
  }
  const own = targetRef?.kind ?? 'Mesh';
  for (const [position, item] of to.entries()) {
    const path = index('spec.to', position);
    const refPath = field(path, 'targetRef');
    validateTargetRef(violations, refPath, item.targetRef, rulesOf(own, item.default));
    validateExternalDestination(violations, refPath, item.targetRef, own);
    validateConf(violations, field(path, 'default'), item.default, item.targetRef);
  }
  return violations;
}

function rulesOf(own: TargetRefKind, { loadBalancer }: LoadBalancingConf): TargetRefRules {
  if (own !== 'MeshGateway') {
    return destinations;
  }
  return loadBalancer === undefined ? gatewayDestinations : gatewayLoadBalancing;
}

function validateConf(violations: Violations, path: string, conf: LoadBalancingConf, ref: TargetRef): void {
  if (ref.kind === 'MeshHTTPRoute') {
    validateRouteConf(violations, path, conf);
    return;
  }
  const { loadBalancer, localityAwareness } = conf;
  const balancerPath = field(path, 'loadBalancer');
  if (loadBalancer !== undefined) {
    validateLoadBalancer(violations, balancerPath, loadBalancer);
  }
  if (localityAwareness !== undefined) {
    validateLocalityAwareness(violations, field(path, 'localityAwareness'), localityAwareness, ref);
  }
  validateHashPolicies(violations, field(path, 'hashPolicies'), conf.hashPolicies);
  for (const algorithm of ['ringHash', 'maglev'] as const) {
    if (conf.hashPolicies !== undefined && loadBalancer?.[algorithm]?.hashPolicies !== undefined) {
      violations.add(
        field(field(balancerPath, algorithm), 'hashPolicies'),
        'hashPolicies already specified in the root level',
      );
    }
  }
}

/** A route shares the clusters of its service: what it can have for itself is what is hashed. */
function validateRouteConf(violations: Violations, path: string, conf: LoadBalancingConf): void {
  validateHashPolicies(violations, field(path, 'hashPolicies'), conf.hashPolicies);
  for (const member of ['loadBalancer', 'localityAwareness'] as const) {
    if (conf[member] !== undefined) {
      violations.add(
        field(path, member),
        'field is not allowed when targetRef.kind is MeshHTTPRoute, only hashPolicies is supported',
      );
    }
  }
}

/** Only the member that the type names is looked at. */
function validateLoadBalancer(violations: Violations, path: string, loadBalancer: LoadBalancer): void {
  switch (loadBalancer.type) {
    case 'RingHash':
      validateHashPolicies(
        violations,
        field(path, 'ringHash.hashPolicies'),
        loadBalancer.ringHash?.hashPolicies,
      );
      break;
    case 'Maglev':
      validateHashPolicies(violations, field(path, 'maglev.hashPolicies'), loadBalancer.maglev?.hashPolicies);
      break;
    case 'LeastRequest':
      validateNotBelowZero(
        violations,
        field(path, 'leastRequest.activeRequestBias'),
        loadBalancer.leastRequest?.activeRequestBias,
      );
  }
}

/** The member that each type of hash policy needs. */
const members = {
  Header: 'header',
  Cookie: 'cookie',
  QueryParameter: 'queryParameter',
  FilterState: 'filterState',
  Connection: 'connection',
  SourceIP: 'connection',
} as const;

function validateHashPolicies(
  violations: Violations,
  path: string,
  policies: readonly HashPolicy[] | undefined,
): void {
  for (const [position, policy] of (policies ?? []).entries()) {
    const policyPath = index(path, position);
    const member = members[policy.type];
    if (policy[member] === undefined) {
      violations.add(field(policyPath, member), 'must be defined');
    } else if (policy.type === 'Cookie' && policy.cookie?.path?.startsWith('/') === false) {
      violations.add(field(policyPath, 'cookie.path'), 'must be an absolute path');
    }
  }
}
