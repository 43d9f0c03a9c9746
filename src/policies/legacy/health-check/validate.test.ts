import { describe, expect, it } from 'vitest';
import { flatSpec, flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { connection } from '../common/legacy.case.ts';
import { healthCheckType } from './type.ts';

const good = { interval: '1s', timeout: '1s', unhealthyThreshold: 1, healthyThreshold: 1 };
const positive = 'must have a positive value';
const header = 'conf.http.requestHeadersToAdd';

describe('a HealthCheck', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf', 'has to be defined']]],
    [
      {},
      ['interval', 'timeout', 'unhealthyThreshold', 'healthyThreshold'].map(
        (name) => [`conf.${name}`, positive] as const,
      ),
    ],
    [{ ...good, interval: '-1s', healthyPanicThreshold: 100 }, []],
    [
      { ...good, initialJitter: '0s', intervalJitter: '0s', noTrafficInterval: '0s' },
      [
        ['conf.initialJitter', positive],
        ['conf.intervalJitter', positive],
        ['conf.noTrafficInterval', positive],
      ],
    ],
    [
      { ...good, healthyPanicThreshold: 100.5 },
      [['conf.healthyPanicThreshold', 'must be in range [0.0 - 100.0]']],
    ],
    [
      { ...good, healthyPanicThreshold: -1 },
      [['conf.healthyPanicThreshold', 'must be in range [0.0 - 100.0]']],
    ],
    [{ ...good, http: {} }, [['conf.http.path', 'has to be defined and cannot be empty']]],
    [
      { ...good, http: { path: '/', expectedStatuses: [99, 100, 599, 600] } },
      [
        ['conf.http.expectedStatuses[0]', 'must be in range [100, 600)'],
        ['conf.http.expectedStatuses[3]', 'must be in range [100, 600)'],
      ],
    ],
    [
      { ...good, http: { path: '/', requestHeadersToAdd: [{}, { header: { value: 'a' } }] } },
      [
        [`${header}[0].header`, 'has to be defined'],
        [`${header}[1].header.key`, 'cannot be empty'],
      ],
    ],
    [
      { ...good, tcp: {}, http: { path: '/' } },
      [['conf', 'http and tcp cannot be defined at the same time']],
    ],
  ])('with %j', (conf, expected) => {
    expect(flatVerdict(healthCheckType, { ...connection, conf })).toEqual(expected);
  });

  it('is stored as the reference prints it', () => {
    const conf = {
      ...good,
      reuseConnection: false,
      tcp: { send: '', receive: ['YQ=='] },
      intervalJitter: '1m',
    };
    expect(JSON.stringify(flatSpec(healthCheckType, { ...connection, conf }).conf)).toBe(
      '{"interval":"1s","timeout":"1s","unhealthyThreshold":1,"healthyThreshold":1,"intervalJitter":"60s",' +
        '"tcp":{"receive":["YQ=="]},"reuseConnection":false}',
    );
  });
});
