import { serviceSelectors } from '../../../model/selectors.ts';
import { Violations } from '../../../model/violations.ts';
import { anyService, validateConnection } from '../common/connection.ts';
import { undefinedValue, validateNonZeroDuration, validateOptionalDuration } from '../common/value-rules.ts';
import type { TimeoutSpec } from './schema.ts';

const nothing = 'at least one timeout in section has to be defined';

/** Kuma's rules for a Timeout. */
export function validateTimeout(spec: TimeoutSpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyService, serviceSelectors);
  const { conf } = spec;
  if (conf === undefined) {
    return violations.add('conf', undefinedValue);
  }
  const { tcp, http, grpc } = conf;
  if (tcp !== undefined && tcp.idleTimeout === undefined) {
    violations.add('conf.tcp', nothing);
  }
  validateNonZeroDuration(violations, 'conf.tcp.idleTimeout', tcp?.idleTimeout);
  if (http !== undefined && http.requestTimeout === undefined && http.idleTimeout === undefined) {
    violations.add('conf.http', nothing);
  }
  validateOptionalDuration(violations, 'conf.http.requestTimeout', http?.requestTimeout);
  validateOptionalDuration(violations, 'conf.http.idleTimeout', http?.idleTimeout);
  if (grpc !== undefined && grpc.streamIdleTimeout === undefined && grpc.maxStreamDuration === undefined) {
    violations.add('conf.grpc', nothing);
  }
  validateOptionalDuration(violations, 'conf.grpc.streamIdleTimeout', grpc?.streamIdleTimeout);
  validateOptionalDuration(violations, 'conf.grpc.maxStreamDuration', grpc?.maxStreamDuration);
  return violations;
}
