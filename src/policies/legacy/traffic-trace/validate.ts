import { validateSelectors } from '../../../model/selectors.ts';
import { Violations } from '../../../model/violations.ts';
import { anyTag } from '../common/connection.ts';
import type { TrafficTraceSpec } from './schema.ts';

/** Kuma's rules for a TrafficTrace. */
export function validateTrafficTrace(spec: TrafficTraceSpec): Violations {
  const violations = new Violations();
  validateSelectors(violations, 'selectors', spec.selectors, anyTag);
  return violations;
}
