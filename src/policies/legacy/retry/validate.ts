import { parseDuration } from '../../../model/duration.ts';
import { serviceSelectors } from '../../../model/selectors.ts';
import { field, index, Violations } from '../../../model/violations.ts';
import { anyService, validateConnection } from '../common/connection.ts';
import {
  undefinedValue,
  validateCount,
  validateNonZeroDuration,
  validateOptionalCount,
  validateOptionalDuration,
} from '../common/value-rules.ts';
import type { BackOff, RetrySpec } from './schema.ts';

type Conf = NonNullable<RetrySpec['conf']>;

const empty = 'field cannot be empty';

/** Kuma's rules for a Retry. */
export function validateRetry(spec: RetrySpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyService, serviceSelectors);
  const { conf } = spec;
  if (conf === undefined) {
    return violations.add('conf', undefinedValue);
  }
  if (conf.http === undefined && conf.grpc === undefined && conf.tcp === undefined) {
    return violations.add('conf', 'missing protocol [grpc|http|tcp] configuration');
  }
  validateHttp(violations, 'conf.http', conf.http);
  validateGrpc(violations, 'conf.grpc', conf.grpc);
  if (conf.tcp !== undefined) {
    validateCount(violations, 'conf.tcp.maxConnectAttempts', conf.tcp.maxConnectAttempts);
  }
  return violations;
}

function validateHttp(violations: Violations, path: string, http: Conf['http']): void {
  if (http === undefined) {
    return;
  }
  validateTries(violations, path, http);
  for (const [position, method] of (http.retriableMethods ?? []).entries()) {
    if (method === 'NONE') {
      violations.add(index(field(path, 'retriableMethods'), position), empty);
    }
  }
  for (const [position, condition] of (http.retryOn ?? []).entries()) {
    if (condition === 'retriable_status_codes' && http.retriableStatusCodes === undefined) {
      violations.add(
        index(field(path, 'retryOn'), position),
        'retriableStatusCodes cannot be empty when this option is specified',
      );
    }
  }
}

function validateGrpc(violations: Violations, path: string, grpc: Conf['grpc']): void {
  if (grpc === undefined) {
    return;
  }
  for (const problem of repetitions(grpc.retryOn ?? [])) {
    violations.add(field(path, 'retryOn'), problem);
  }
  validateTries(violations, path, grpc);
}

/** What HTTP and gRPC have in common. */
function validateTries(
  violations: Violations,
  path: string,
  conf: NonNullable<Conf['http'] | Conf['grpc']>,
): void {
  if (Object.keys(conf).length === 0) {
    violations.add(path, empty);
  }
  validateOptionalCount(violations, field(path, 'numRetries'), conf.numRetries);
  validateOptionalDuration(violations, field(path, 'perTryTimeout'), conf.perTryTimeout);
  validateBackOff(violations, field(path, 'backOff'), conf.backOff);
}

function validateBackOff(violations: Violations, path: string, backOff: BackOff | undefined): void {
  if (backOff === undefined) {
    return;
  }
  const { baseInterval, maxInterval } = backOff;
  if (baseInterval === undefined) {
    violations.add(field(path, 'baseInterval'), undefinedValue);
    return;
  }
  validateNonZeroDuration(violations, field(path, 'baseInterval'), baseInterval);
  if (parseDuration(baseInterval) !== 0n) {
    validateOptionalDuration(violations, field(path, 'maxInterval'), maxInterval);
  }
}

/** The values that are there more than once, each as a message, in the order of their names. */
function repetitions(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort().flatMap((value) => {
    const places = values.flatMap((each, position) => (each === value ? [position] : []));
    return places.length > 1
      ? [`repeated value ${JSON.stringify(value)} at indexes [${places.join(', ')}]`]
      : [];
  });
}
