import { parseDuration } from '../../../model/duration.ts';
import { serviceSelectors } from '../../../model/selectors.ts';
import { field, index, Violations } from '../../../model/violations.ts';
import { anyService, validateConnection } from '../common/connection.ts';
import { empty, undefinedValue } from '../common/value-rules.ts';
import type { HealthCheckSpec } from './schema.ts';

type Conf = NonNullable<HealthCheckSpec['conf']>;

/** Kuma's rules for a HealthCheck. */
export function validateHealthCheck(spec: HealthCheckSpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyService, serviceSelectors);
  const { conf } = spec;
  if (conf === undefined) {
    return violations.add('conf', undefinedValue);
  }
  requirePositive(violations, 'conf.interval', duration(conf.interval));
  requirePositive(violations, 'conf.timeout', duration(conf.timeout));
  requirePositive(violations, 'conf.unhealthyThreshold', conf.unhealthyThreshold);
  requirePositive(violations, 'conf.healthyThreshold', conf.healthyThreshold);
  for (const name of ['initialJitter', 'intervalJitter', 'noTrafficInterval'] as const) {
    if (conf[name] !== undefined) {
      requirePositive(violations, field('conf', name), duration(conf[name]));
    }
  }
  const panic = conf.healthyPanicThreshold ?? 0;
  if (panic < 0 || panic > 100) {
    violations.add('conf.healthyPanicThreshold', 'must be in range [0.0 - 100.0]');
  }
  validateHttp(violations, conf.http);
  if (conf.tcp !== undefined && conf.http !== undefined) {
    violations.add('conf', 'http and tcp cannot be defined at the same time');
  }
  return violations;
}

function duration(text: string | undefined): bigint {
  return text === undefined ? 0n : parseDuration(text);
}

/** Only nothing is refused, as in the reference, where a negative duration passes. */
function requirePositive(violations: Violations, path: string, value: bigint | number | undefined): void {
  if (value === undefined || BigInt(value) === 0n) {
    violations.add(path, 'must have a positive value');
  }
}

function validateHttp(violations: Violations, http: Conf['http']): void {
  if (http === undefined) {
    return;
  }
  if (http.path === undefined) {
    violations.add('conf.http.path', 'has to be defined and cannot be empty');
  }
  for (const [position, status] of (http.expectedStatuses ?? []).entries()) {
    if (status < 100 || status >= 600) {
      violations.add(index('conf.http.expectedStatuses', position), 'must be in range [100, 600)');
    }
  }
  for (const [position, { header }] of (http.requestHeadersToAdd ?? []).entries()) {
    const path = field(index('conf.http.requestHeadersToAdd', position), 'header');
    if (header === undefined) {
      violations.add(path, undefinedValue);
    } else if (header.key === undefined) {
      violations.add(field(path, 'key'), empty);
    }
  }
}
