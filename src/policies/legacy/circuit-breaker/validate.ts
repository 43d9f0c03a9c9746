import { serviceSelectors } from '../../../model/selectors.ts';
import { Violations } from '../../../model/violations.ts';
import { anyService, validateConnection } from '../common/connection.ts';
import { validateOptionalPercentage } from '../common/value-rules.ts';
import type { CircuitBreakerSpec } from './schema.ts';

/** Kuma's rules for a CircuitBreaker. */
export function validateCircuitBreaker(spec: CircuitBreakerSpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyService, serviceSelectors);
  const { detectors, thresholds, maxEjectionPercent } = spec.conf ?? {};
  if (isEmpty(detectors) && isEmpty(thresholds)) {
    return violations.add('conf', 'must have at least one of the detector or threshold configured');
  }
  if (detectors !== undefined && isEmpty(detectors)) {
    violations.add('conf.detectors', "can't be empty");
  }
  validateOptionalPercentage(violations, 'conf.maxEjectionPercent', maxEjectionPercent);
  validateOptionalPercentage(violations, 'conf.detectors.failure.threshold', detectors?.failure?.threshold);
  if (thresholds !== undefined && isEmpty(thresholds)) {
    violations.add('conf.thresholds', "can't be empty");
  }
  return violations;
}

function isEmpty(value: object = {}): boolean {
  return Object.keys(value).length === 0;
}
