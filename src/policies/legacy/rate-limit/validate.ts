import { key, Violations } from '../../../model/violations.ts';
import { anyTag, validateConnection } from '../common/connection.ts';
import type { RateLimitSpec } from './schema.ts';

/** Kuma's rules for a RateLimit. */
export function validateRateLimit(spec: RateLimitSpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyTag, anyTag);
  if (spec.conf === undefined) {
    return violations.add('conf', 'must have conf');
  }
  const { http } = spec.conf;
  if (http === undefined) {
    return violations;
  }
  if (http.requests === undefined) {
    violations.add('conf.http.requests', 'requests must be set');
  }
  if (http.interval === undefined) {
    violations.add('conf.http.interval', 'interval must be set');
  }
  for (const [position, header] of (http.onRateLimit?.headers ?? []).entries()) {
    // The reference names the list `header` and takes positions for keys.
    const path = key('conf.http.onRateLimit.header', String(position));
    if (header.key === undefined) {
      violations.add(path, 'key must be set');
    }
    if (header.value === undefined) {
      violations.add(path, 'value must be set');
    }
  }
  return violations;
}
