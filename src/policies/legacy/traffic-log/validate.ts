import { serviceSelectors } from '../../../model/selectors.ts';
import { Violations } from '../../../model/violations.ts';
import { anyService, validateConnection } from '../common/connection.ts';
import type { TrafficLogSpec } from './schema.ts';

/** Kuma's rules for a TrafficLog. */
export function validateTrafficLog(spec: TrafficLogSpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyService, serviceSelectors);
  return violations;
}
