import { STATUS_CODES } from 'node:http';
import { isHttp, parseProtocol } from '../../../model/protocol.ts';
import type { SelectorsOptions } from '../../../model/selectors.ts';
import { protocolTag } from '../../../model/tags.ts';
import { key, Violations } from '../../../model/violations.ts';
import { anyTag, validateConnection } from '../common/connection.ts';
import { empty, validatePercentage } from '../common/value-rules.ts';
import type { FaultInjectionSpec } from './schema.ts';

type Conf = NonNullable<FaultInjectionSpec['conf']>;

/** Faults are for requests, so the protocol has to be one that has them. */
const httpService: SelectorsOptions = {
  requireTag: true,
  extra: (violations, path, tags) => {
    const protocol = tags[protocolTag];
    if (protocol === undefined) {
      violations.add(path, 'protocol must be specified');
    } else if (!isHttp(parseProtocol(protocol))) {
      violations.add(key(path, protocolTag), 'must be one of the [http, http2, grpc]');
    }
  },
};

/** Kuma's rules for a FaultInjection. */
export function validateFaultInjection(spec: FaultInjectionSpec): Violations {
  const violations = new Violations();
  validateConnection(violations, spec, anyTag, httpService);
  const delay = unlessEmpty(spec.conf?.delay);
  const abort = unlessEmpty(spec.conf?.abort);
  const bandwidth = unlessEmpty(spec.conf?.responseBandwidth);
  if (delay === undefined && abort === undefined && bandwidth === undefined) {
    violations.add('conf', 'must have at least one of the faults configured');
  }
  if (delay !== undefined) {
    validatePercentage(violations, 'conf.delay.percentage', delay.percentage);
    if (delay.value === undefined) {
      violations.add('conf.delay.value', empty);
    }
  }
  if (abort !== undefined) {
    validatePercentage(violations, 'conf.abort.percentage', abort.percentage);
    validateStatus(violations, abort.httpStatus);
  }
  if (bandwidth !== undefined) {
    validatePercentage(violations, 'conf.responseBandwidth.percentage', bandwidth.percentage);
    validateLimit(violations, bandwidth.limit);
  }
  return violations;
}

/** A fault without any member counts as absent. */
function unlessEmpty<Fault extends Conf[keyof Conf]>(fault: Fault): Fault | undefined {
  return Object.keys(fault ?? {}).length === 0 ? undefined : fault;
}

/** Node's list of statuses has 509, which no standard has and the reference does not know. */
const unregistered = 509;

function validateStatus(violations: Violations, status: number | undefined): void {
  if (status === undefined) {
    violations.add('conf.abort.httpStatus', empty);
  } else if (STATUS_CODES[status] === undefined || status === unregistered) {
    violations.add('conf.abort.httpStatus', 'http status code is incorrect');
  }
}

function validateLimit(violations: Violations, limit: string | undefined): void {
  if (limit === undefined) {
    violations.add('conf.responseBandwidth.limit', empty);
  } else if (!/[gmk]bps/.test(limit)) {
    violations.add('conf.responseBandwidth.limit', 'has to be in kbps/mbps/gbps units');
  }
}
