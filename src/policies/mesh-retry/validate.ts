import type { ValidationContext } from '../../model/resource-type.ts';
import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef, validateTargetRef } from '../common/target-ref-validation.ts';
import { validatePositiveDuration } from '../common/value-rules.ts';
import { isHttpRetryCondition } from './retry-conditions.ts';
import type { HostPredicate, MeshRetrySpec, RetryConf } from './schema.ts';

type Http = NonNullable<RetryConf['http']>;
type Grpc = NonNullable<RetryConf['grpc']>;

const topKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'MeshHTTPRoute',
  'Dataplane',
];
const toKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshService',
  'MeshExternalService',
  'MeshMultiZoneService',
  'MeshHTTPRoute',
];
const toKindsBehindGateway: readonly TargetRefKind[] = ['Mesh', 'MeshExternalService'];

/** Kuma's rules for a MeshRetry, in its order and words. */
export function validateMeshRetry(spec: MeshRetrySpec, { labels }: ValidationContext): Violations {
  const violations = new Violations();
  const { targetRef, to = [] } = spec;
  validateOwnTargetRef(violations, targetRef, labels, {
    kinds: topKinds,
    gatewayListenerTags: true,
  });
  if (to.length === 0) {
    violations.add('spec.to', 'needs at least one item');
  }
  const behindGateway = targetRef?.kind === 'MeshGateway' || targetRef?.kind === 'MeshHTTPRoute';
  for (const [position, item] of to.entries()) {
    const path = index('spec.to', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, {
      kinds: behindGateway ? toKindsBehindGateway : toKinds,
    });
    // The reference names a `conf` here that documents do not have; clients compare the path.
    validateConf(violations, field(path, 'default.conf'), item.default);
  }
  return violations;
}

function validateConf(violations: Violations, path: string, { tcp, http, grpc }: RetryConf): void {
  if (tcp === undefined && http === undefined && grpc === undefined) {
    violations.add(path, "at least one of the 'tcp', 'http', 'grpc' must be specified");
  }
  if (tcp !== undefined && tcp.maxConnectAttempt === undefined) {
    violations.add(field(path, 'tcp'), 'must not be empty');
  }
  if (tcp?.maxConnectAttempt === 0) {
    violations.add(field(path, 'tcp.maxConnectAttempt'), 'must be greater than 0');
  }
  if (http !== undefined) {
    validateHttp(violations, field(path, 'http'), http);
  }
  if (grpc !== undefined) {
    validateGrpc(violations, field(path, 'grpc'), grpc);
  }
}

function validateHttp(violations: Violations, path: string, http: Http): void {
  const { hostSelectionMaxAttempts: _, ...settings } = http;
  if (Object.keys(settings).length === 0) {
    violations.add(path, 'must not be empty');
  }
  validateBackOffs(violations, path, http);
  for (const [position, condition] of (http.retryOn ?? []).entries()) {
    if (!isHttpRetryCondition(condition)) {
      violations.add(index(field(path, 'retryOn'), position), `unknown item '${condition}'`);
    }
  }
  validateHostSelection(violations, field(path, 'hostSelection'), http.hostSelection ?? []);
}

function validateGrpc(violations: Violations, path: string, grpc: Grpc): void {
  if (Object.keys(grpc).length === 0) {
    violations.add(path, 'must not be empty');
  }
  validateBackOffs(violations, path, grpc);
}

function validateBackOffs(
  violations: Violations,
  path: string,
  { backOff, rateLimitedBackOff }: Http | Grpc,
): void {
  if (backOff !== undefined && Object.keys(backOff).length === 0) {
    violations.add(field(path, 'backOff'), 'must not be empty');
  }
  if (rateLimitedBackOff === undefined) {
    return;
  }
  const limitedPath = field(path, 'rateLimitedBackOff');
  validatePositiveDuration(
    violations,
    field(limitedPath, 'maxInterval'),
    rateLimitedBackOff.maxInterval,
    'must be defined and greater than zero',
  );
  if (rateLimitedBackOff.resetHeaders === undefined) {
    violations.add(field(limitedPath, 'resetHeaders'), 'must be defined');
  }
}

function validateHostSelection(
  violations: Violations,
  path: string,
  predicates: readonly HostPredicate[],
): void {
  let hasPriorities = false;
  for (const [position, predicate] of predicates.entries()) {
    const itemPath = index(path, position);
    if (predicate.predicate === 'OmitHostsWithTags' && predicate.tags === undefined) {
      violations.add(field(itemPath, 'tags'), 'must be defined');
    }
    if (predicate.predicate === 'OmitPreviousPriorities') {
      if (hasPriorities) {
        violations.add(field(itemPath, 'predicate'), 'OmitPreviousPriorities must only be specified once');
      }
      validateUpdateFrequency(violations, itemPath, predicate.updateFrequency);
      hasPriorities = true;
    }
  }
}

function validateUpdateFrequency(violations: Violations, path: string, frequency: number): void {
  if (frequency <= 0) {
    violations.add(field(path, 'updateFrequency'), 'must be defined and greater than zero');
  }
}
