import { describe, expect, it } from 'vitest';
import { flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { connection } from '../common/legacy.case.ts';
import { circuitBreakerType } from './type.ts';

const nothing = 'must have at least one of the detector or threshold configured';
const range = 'has to be in [0.0 - 100.0] range';

describe('a CircuitBreaker', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf', nothing]]],
    [{ interval: '1s', detectors: {}, thresholds: {} }, [['conf', nothing]]],
    [{ detectors: { totalErrors: {} } }, []],
    [{ thresholds: { maxRetries: 0 } }, []],
    [
      { detectors: {}, thresholds: { maxConnections: 1 }, maxEjectionPercent: 101 },
      [
        ['conf.detectors', "can't be empty"],
        ['conf.maxEjectionPercent', range],
      ],
    ],
    [
      { detectors: { failure: { threshold: 101 } }, thresholds: {} },
      [
        ['conf.detectors.failure.threshold', range],
        ['conf.thresholds', "can't be empty"],
      ],
    ],
    [{ detectors: { failure: { threshold: 100 } }, maxEjectionPercent: 100 }, []],
  ])('with %j', (conf, expected) => {
    expect(flatVerdict(circuitBreakerType, { ...connection, conf })).toEqual(expected);
  });
});
