import { isFilePath } from '../../model/file-path.ts';
import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateExternalDestination, validateTargetRef } from '../common/target-ref-validation.ts';
import {
  validatePercentage,
  validatePositiveDuration,
  validateStatusCode,
  validateWholePercentage,
} from '../common/value-rules.ts';
import type { HealthCheckConf, MeshHealthCheckSpec } from './schema.ts';

const ownKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshServiceSubset',
  'Dataplane',
];
const toKinds: readonly TargetRefKind[] = ['Mesh', 'MeshService', 'MeshMultiZoneService'];

/** Kuma's rules for a MeshHealthCheck, in its order and words. */
export function validateMeshHealthCheck({ targetRef, to = [] }: MeshHealthCheckSpec): Violations {
  const violations = new Violations();
  if (targetRef !== undefined) {
    validateTargetRef(violations, 'spec.targetRef', targetRef, {
      kinds: ownKinds,
      gatewayListenerTags: true,
    });
  }
  for (const [position, item] of to.entries()) {
    const path = index('spec.to', position);
    const refPath = field(path, 'targetRef');
    validateTargetRef(violations, refPath, item.targetRef, { kinds: toKinds });
    validateExternalDestination(violations, refPath, item.targetRef, targetRef?.kind ?? 'Mesh');
    validateConf(violations, field(path, 'default'), item.default);
  }
  return violations;
}

function validateConf(violations: Violations, path: string, conf: HealthCheckConf): void {
  const { http, tcp, grpc } = conf;
  validatePositiveDuration(violations, field(path, 'interval'), conf.interval);
  validatePositiveDuration(violations, field(path, 'timeout'), conf.timeout);
  validateThreshold(violations, field(path, 'unhealthyThreshold'), conf.unhealthyThreshold);
  validateThreshold(violations, field(path, 'healthyThreshold'), conf.healthyThreshold);
  validatePositiveDuration(violations, field(path, 'initialJitter'), conf.initialJitter);
  validatePositiveDuration(violations, field(path, 'intervalJitter'), conf.intervalJitter);
  validateWholePercentage(violations, field(path, 'intervalJitterPercent'), conf.intervalJitterPercent);
  validatePercentage(violations, field(path, 'healthyPanicThreshold'), conf.healthyPanicThreshold);
  validatePositiveDuration(violations, field(path, 'noTrafficInterval'), conf.noTrafficInterval);
  if (conf.eventLogPath !== undefined && !isFilePath(conf.eventLogPath)) {
    violations.add(field(path, 'eventLogPath'), 'must be a valid path when defined');
  }
  if (http?.path === '') {
    violations.add(field(path, 'http.path'), 'must be defined');
  }
  for (const [position, status] of (http?.expectedStatuses ?? []).entries()) {
    validateStatusCode(violations, index(field(path, 'http.expectedStatuses'), position), status);
  }
  if (http === undefined && tcp === undefined && grpc === undefined) {
    violations.add(path, 'must have at least one defined: http, tcp, grpc');
  }
}

function validateThreshold(violations: Violations, path: string, threshold: number | undefined): void {
  if (threshold !== undefined && threshold <= 0) {
    violations.add(path, 'must be greater than zero when defined');
  }
}
