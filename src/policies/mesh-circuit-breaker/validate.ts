import { field, index, Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateExternalDestination, validateTargetRef } from '../common/target-ref-validation.ts';
import {
  parseDecimal,
  validatePercentage,
  validatePositiveDuration,
  validatePositiveNumber,
  validateWholePercentage,
} from '../common/value-rules.ts';
import type {
  CircuitBreakerConf,
  ConnectionLimits,
  Detectors,
  MeshCircuitBreakerSpec,
  OutlierDetection,
} from './schema.ts';

const topKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshSubset',
  'MeshService',
  'MeshGateway',
  'MeshServiceSubset',
  'Dataplane',
];
const toKinds: readonly TargetRefKind[] = ['Mesh', 'MeshService', 'MeshMultiZoneService'];
const limitNames = [
  'maxConnections',
  'maxConnectionPools',
  'maxPendingRequests',
  'maxRetries',
  'maxRequests',
] as const;
const detectorNames = [
  'totalFailures',
  'gatewayFailures',
  'localOriginFailures',
  'successRate',
  'failurePercentage',
] as const;

/** Envoy keeps the factor as thousandths in a `uint32` (`success_rate_stdev_factor`). */
const maxDeviationFactor = 0xffff_ffff / 1000;

/** Kuma's rules for a MeshCircuitBreaker, in its order and words. */
export function validateMeshCircuitBreaker(spec: MeshCircuitBreakerSpec): Violations {
  const violations = new Violations();
  const { targetRef, to = [], from = [], rules = [] } = spec;
  if (targetRef !== undefined) {
    validateTargetRef(violations, 'spec.targetRef', targetRef, {
      kinds: topKinds,
      inbound: from.length > 0 || rules.length > 0,
      gatewayListenerTags: true,
    });
  }
  if (rules.length === 0 && to.length === 0 && from.length === 0) {
    violations.add('spec', "at least one of 'from', 'to' or 'rules' has to be defined");
  }
  if (rules.length > 0 && (to.length > 0 || from.length > 0)) {
    violations.add('spec', "fields 'to' and 'from' must be empty when 'rules' is defined");
  }
  for (const [position, rule] of rules.entries()) {
    // The reference calls the list `from` here; clients compare the path.
    validateConf(violations, field(index('spec.from', position), 'default'), rule.default);
  }
  for (const [position, item] of from.entries()) {
    const path = index('spec.from', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, { kinds: ['Mesh'] });
    validateConf(violations, field(path, 'default'), item.default);
  }
  validateTo(violations, to, targetRef?.kind ?? 'Mesh');
  return violations;
}

function validateTo(
  violations: Violations,
  to: NonNullable<MeshCircuitBreakerSpec['to']>,
  top: TargetRefKind,
): void {
  for (const [position, item] of to.entries()) {
    const path = index('spec.to', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, { kinds: toKinds });
    validateExternalDestination(violations, field(path, 'targetRef'), item.targetRef, top);
    validateConf(violations, field(path, 'default'), item.default);
  }
}

function validateConf(violations: Violations, path: string, conf: CircuitBreakerConf): void {
  if (conf.connectionLimits === undefined && conf.outlierDetection === undefined) {
    violations.add(path, "at least one of: 'connectionLimits' or 'outlierDetection' should be configured");
    return;
  }
  validateLimits(violations, field(path, 'connectionLimits'), conf.connectionLimits ?? {});
  if (conf.outlierDetection !== undefined) {
    validateOutlierDetection(violations, field(path, 'outlierDetection'), conf.outlierDetection);
  }
}

function validateLimits(violations: Violations, path: string, limits: ConnectionLimits): void {
  for (const name of limitNames) {
    validatePositiveNumber(violations, field(path, name), limits[name]);
  }
}

function validateOutlierDetection(violations: Violations, path: string, detection: OutlierDetection): void {
  validatePositiveDuration(violations, field(path, 'interval'), detection.interval);
  validatePositiveDuration(violations, field(path, 'baseEjectionTime'), detection.baseEjectionTime);
  validateWholePercentage(violations, field(path, 'maxEjectionPercent'), detection.maxEjectionPercent);
  validatePercentage(violations, field(path, 'healthyPanicThreshold'), detection.healthyPanicThreshold);
  const detectorsPath = field(path, 'detectors');
  if (detection.detectors === undefined) {
    violations.add(detectorsPath, 'must be defined');
  } else if (Object.keys(detection.detectors).length === 0) {
    violations.add(detectorsPath, `must have at least one defined: ${detectorNames.join(', ')}`);
  } else {
    validateDetectors(violations, detectorsPath, detection.detectors);
  }
}

function validateDetectors(violations: Violations, path: string, detectors: Detectors): void {
  for (const name of ['totalFailures', 'gatewayFailures', 'localOriginFailures'] as const) {
    validatePositiveNumber(violations, field(field(path, name), 'consecutive'), detectors[name]?.consecutive);
  }
  const { successRate, failurePercentage } = detectors;
  const successPath = field(path, 'successRate');
  validatePositiveNumber(violations, field(successPath, 'minimumHosts'), successRate?.minimumHosts);
  validatePositiveNumber(violations, field(successPath, 'requestVolume'), successRate?.requestVolume);
  validateDeviationFactor(
    violations,
    field(successPath, 'standardDeviationFactor'),
    successRate?.standardDeviationFactor,
  );
  const failurePath = field(path, 'failurePercentage');
  validatePositiveNumber(violations, field(failurePath, 'minimumHosts'), failurePercentage?.minimumHosts);
  validatePositiveNumber(violations, field(failurePath, 'requestVolume'), failurePercentage?.requestVolume);
  validateWholePercentage(violations, field(failurePath, 'threshold'), failurePercentage?.threshold);
}

function validateDeviationFactor(
  violations: Violations,
  path: string,
  factor: number | string | undefined,
): void {
  const value = factor === undefined ? undefined : parseDecimal(factor);
  if (factor !== undefined && (value === undefined || value > maxDeviationFactor)) {
    violations.add(path, 'invalid number');
  } else if (value !== undefined && value <= 0) {
    violations.add(path, 'must be greater than 0');
  }
}
