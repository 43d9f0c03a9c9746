import { Violations } from '../../../model/violations.ts';
import { anyTag, validateConnection } from '../common/connection.ts';
import type { TrafficPermissionSpec } from './schema.ts';

/** Kuma's rules for a TrafficPermission. */
export function validateTrafficPermission(spec: TrafficPermissionSpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyTag, anyTag);
  return violations;
}
