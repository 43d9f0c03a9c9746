import { describe, expect, it } from 'vitest';
import { flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { connection, service } from '../common/legacy.case.ts';
import { faultInjectionType } from './type.ts';

const empty = 'cannot be empty';
const range = 'has to be in [0.0 - 100.0] range';
const none: Verdict = [['conf', 'must have at least one of the faults configured']];
const unknownStatus: Verdict = [['conf.abort.httpStatus', 'http status code is incorrect']];
const httpOnly: Verdict = [
  ['destinations[0].match["kuma.io/protocol"]', 'must be one of the [http, http2, grpc]'],
];

function verdict(conf: unknown, protocol = 'http'): Verdict {
  const destinations = [service('backend', { 'kuma.io/protocol': protocol })];
  return flatVerdict(faultInjectionType, { ...connection, destinations, conf });
}

describe('a FaultInjection', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, none],
    [{ delay: {}, abort: {}, responseBandwidth: {} }, none],
    [{ delay: { percentage: 100, value: '0s' } }, []],
    [
      { delay: { value: '1s' }, abort: { httpStatus: 500 }, responseBandwidth: { limit: '1 mbps' } },
      [
        ['conf.delay.percentage', empty],
        ['conf.abort.percentage', empty],
        ['conf.responseBandwidth.percentage', empty],
      ],
    ],
    [
      { delay: { percentage: 100.1 }, abort: { percentage: -1 }, responseBandwidth: { percentage: 0 } },
      [
        ['conf.delay.percentage', range],
        ['conf.delay.value', empty],
        ['conf.abort.percentage', range],
        ['conf.abort.httpStatus', empty],
        ['conf.responseBandwidth.limit', empty],
      ],
    ],
    [{ abort: { percentage: 1, httpStatus: 418 } }, []],
    [{ abort: { percentage: 1, httpStatus: 600 } }, unknownStatus],
    [{ abort: { percentage: 1, httpStatus: 509 } }, unknownStatus],
    [{ responseBandwidth: { percentage: 1, limit: 'mbps' } }, []],
    [
      { responseBandwidth: { percentage: 1, limit: '50 Mbps' } },
      [['conf.responseBandwidth.limit', 'has to be in kbps/mbps/gbps units']],
    ],
  ])('with %j', (conf, expected) => {
    expect(verdict(conf)).toEqual(expected);
  });

  it.each<readonly [string, Verdict]>([
    ['http', []],
    ['HTTP2', []],
    ['grpc', []],
    ['tcp', httpOnly],
    ['nothing', httpOnly],
  ])('for services that speak %s', (protocol, expected) => {
    expect(verdict({ delay: { percentage: 1, value: '1s' } }, protocol)).toEqual(expected);
  });
});
