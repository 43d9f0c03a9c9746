import { describe, expect, it } from 'vitest';
import { flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { connection } from '../common/legacy.case.ts';
import { retryType } from './type.ts';

const zero = 'has to be greater than 0 when defined';
const empty = 'field cannot be empty';

describe('a Retry', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf', 'has to be defined']]],
    [{}, [['conf', 'missing protocol [grpc|http|tcp] configuration']]],
    [
      { http: {}, grpc: {}, tcp: {} },
      [
        ['conf.http', empty],
        ['conf.grpc', empty],
        ['conf.tcp.maxConnectAttempts', 'has to be greater than 0'],
      ],
    ],
    [{ tcp: { maxConnectAttempts: 1 } }, []],
    [
      { http: { numRetries: 0, perTryTimeout: '0s', backOff: {} } },
      [
        ['conf.http.numRetries', zero],
        ['conf.http.perTryTimeout', zero],
        ['conf.http.backOff.baseInterval', 'has to be defined'],
      ],
    ],
    [
      { grpc: { numRetries: 0, perTryTimeout: '0s', backOff: { baseInterval: '0s', maxInterval: '0s' } } },
      [
        ['conf.grpc.numRetries', zero],
        ['conf.grpc.perTryTimeout', zero],
        ['conf.grpc.backOff.baseInterval', 'has to be greater than 0'],
      ],
    ],
    [
      { grpc: { backOff: { baseInterval: '1s', maxInterval: '0s' } } },
      [['conf.grpc.backOff.maxInterval', zero]],
    ],
    [
      { http: { retriableMethods: ['GET', 'NONE', 0] } },
      [
        ['conf.http.retriableMethods[1]', empty],
        ['conf.http.retriableMethods[2]', empty],
      ],
    ],
    [
      { http: { retryOn: ['all_5xx', 'retriable_status_codes'] } },
      [['conf.http.retryOn[1]', 'retriableStatusCodes cannot be empty when this option is specified']],
    ],
    [{ http: { retryOn: ['retriable_status_codes'], retriableStatusCodes: [500] } }, []],
    [
      { grpc: { retryOn: ['unavailable', 'cancelled', 'unavailable', 0, 'internal'] } },
      [
        ['conf.grpc.retryOn', 'repeated value "cancelled" at indexes [1, 3]'],
        ['conf.grpc.retryOn', 'repeated value "unavailable" at indexes [0, 2]'],
      ],
    ],
  ])('with %j', (conf, expected) => {
    expect(flatVerdict(retryType, { ...connection, conf })).toEqual(expected);
  });
});
