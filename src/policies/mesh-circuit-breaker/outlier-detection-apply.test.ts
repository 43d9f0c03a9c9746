import { describe, expect, it } from 'vitest';
import { outlierDetection, panicThreshold } from './outlier-detection-apply.ts';

describe('what Envoy would refuse', () => {
  it('is left out or brought into its bounds', () => {
    const detection = outlierDetection({
      interval: '0s',
      baseEjectionTime: '-1s',
      maxEjectionPercent: 101,
      detectors: {
        failurePercentage: { threshold: 1000 },
        successRate: { standardDeviationFactor: '1e12' },
      },
    });
    expect(detection).toMatchObject({
      maxEjectionPercent: 100,
      failurePercentageThreshold: 100,
      successRateStdevFactor: 0xffff_ffff,
    });
    expect(detection.interval).toBeUndefined();
    expect(detection.baseEjectionTime).toBeUndefined();
  });

  it.each([
    ['-0.1', undefined],
    ['100.1', undefined],
    ['x', undefined],
    ['33.3', 33.3],
    [0, 0],
  ])('panic threshold %s', (healthyPanicThreshold, expected) => {
    expect(panicThreshold({ healthyPanicThreshold })?.value).toBe(expected);
  });
});

it.each([
  ['1.9', 1900],
  ['1.1', 1100],
  [2, 2000],
  ['0.0005', 0],
])('a deviation factor of %s is %i thousandths', (standardDeviationFactor, expected) => {
  expect(outlierDetection({ detectors: { successRate: { standardDeviationFactor } } })).toMatchObject({
    enforcingSuccessRate: 100,
    successRateStdevFactor: expected,
  });
});

it('switches off what is not named', () => {
  expect(outlierDetection({ detectors: { totalFailures: {} } })).toMatchObject({
    enforcingConsecutive5xx: 0,
    enforcingConsecutiveGatewayFailure: 0,
    enforcingConsecutiveLocalOriginFailure: 0,
    enforcingSuccessRate: 0,
    enforcingFailurePercentage: 0,
  });
});
