import { describe, expect, it } from 'vitest';
import { verdict } from '../policy.case.ts';
import { meshCircuitBreakerType } from './type.ts';

const mesh = { kind: 'Mesh' };
const limits = { connectionLimits: { maxConnections: 1 } };
const conf = 'spec.to[0].default';
const detection = `${conf}.outlierDetection`;
const nothing = "at least one of 'from', 'to' or 'rules' has to be defined";
const range = 'must be in inclusive range [0, 100]';
const decimalRange = 'must be in inclusive range [0.0, 100.0]';
const wrongKind =
  'kind MeshExternalService is only allowed with targetRef.kind: Mesh as it is configured on the Zone Egress and shared by all ' +
  'clients in the mesh';

function to(breaker: unknown, targetRef: unknown = mesh): object {
  return { to: [{ targetRef, default: breaker }] };
}

function detect(members: object): object {
  return to({ outlierDetection: { detectors: { totalFailures: {} }, ...members } });
}

function factor(standardDeviationFactor: unknown): object {
  return detect({ detectors: { successRate: { standardDeviationFactor } } });
}

describe('a MeshCircuitBreaker', () => {
  it.each([
    [to(limits)],
    [{ rules: [{ default: limits }] }],
    [
      {
        targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } },
        ...to(limits, { kind: 'MeshService', name: 'a' }),
      },
    ],
    [detect({ disabled: false, interval: '1s', maxEjectionPercent: 0, healthyPanicThreshold: '61.9' })],
    [detect({ healthyPanicThreshold: 0 })],
    [factor('1.9')],
    [factor('1e1')],
    [factor(4_000_000)],
  ])('may be %j', (spec) => {
    expect(verdict(meshCircuitBreakerType, spec)).toEqual([]);
  });

  it.each([
    [{}, [['spec', nothing]]],
    [
      { ...to(limits), rules: [{ default: limits }] },
      [['spec', "fields 'to' and 'from' must be empty when 'rules' is defined"]],
    ],
    [to({}), [[conf, "at least one of: 'connectionLimits' or 'outlierDetection' should be configured"]]],
    [
      to({
        connectionLimits: {
          maxConnections: 0,
          maxConnectionPools: 0,
          maxPendingRequests: 0,
          maxRetries: 0,
          maxRequests: 0,
        },
      }),
      ['maxConnections', 'maxConnectionPools', 'maxPendingRequests', 'maxRetries', 'maxRequests'].map(
        (name) => [`${conf}.connectionLimits.${name}`, 'must be greater than 0'],
      ),
    ],
    [
      { rules: [{ default: { connectionLimits: { maxRetries: 0 } } }] },
      [['spec.from[0].default.connectionLimits.maxRetries', 'must be greater than 0']],
    ],
    [to({ outlierDetection: {} }), [[`${detection}.detectors`, 'must be defined']]],
    [
      to({ outlierDetection: { detectors: {} } }),
      [
        [
          `${detection}.detectors`,
          'must have at least one defined: totalFailures, gatewayFailures, localOriginFailures, successRate, failurePercentage',
        ],
      ],
    ],
    [
      detect({
        interval: '0s',
        baseEjectionTime: '-1s',
        maxEjectionPercent: 101,
        healthyPanicThreshold: 101,
      }),
      [
        [`${detection}.interval`, 'must be greater than zero when defined'],
        [`${detection}.baseEjectionTime`, 'must be greater than zero when defined'],
        [`${detection}.maxEjectionPercent`, range],
        [`${detection}.healthyPanicThreshold`, decimalRange],
      ],
    ],
    [detect({ healthyPanicThreshold: '-0.1' }), [[`${detection}.healthyPanicThreshold`, decimalRange]]],
    [
      detect({ healthyPanicThreshold: ' 5' }),
      [[`${detection}.healthyPanicThreshold`, 'string must be a valid number']],
    ],
    [
      detect({
        detectors: {
          totalFailures: { consecutive: 0 },
          gatewayFailures: { consecutive: 0 },
          localOriginFailures: { consecutive: 0 },
          successRate: { minimumHosts: 0, requestVolume: 0, standardDeviationFactor: '0' },
          failurePercentage: { minimumHosts: 0, requestVolume: 0, threshold: 101 },
        },
      }),
      [
        ...['totalFailures.consecutive', 'gatewayFailures.consecutive', 'localOriginFailures.consecutive'],
        ...['successRate.minimumHosts', 'successRate.requestVolume', 'successRate.standardDeviationFactor'],
        ...['failurePercentage.minimumHosts', 'failurePercentage.requestVolume'],
      ]
        .map((name) => [`${detection}.detectors.${name}`, 'must be greater than 0'])
        .concat([[`${detection}.detectors.failurePercentage.threshold`, range]]),
    ],
    [factor('x'), [[`${detection}.detectors.successRate.standardDeviationFactor`, 'invalid number']]],
    // More than Envoy can hold.
    [factor(5_000_000), [[`${detection}.detectors.successRate.standardDeviationFactor`, 'invalid number']]],
    [
      factor(true),
      [
        [
          '',
          `"${detection}.detectors.successRate.standardDeviationFactor" must validate at least one schema (anyOf)`,
        ],
        [
          `${detection}.detectors.successRate.standardDeviationFactor`,
          'in body must be of type integer: "boolean"',
        ],
      ],
    ],
    [
      { targetRef: { kind: 'Dataplane' }, ...to(limits, { kind: 'MeshExternalService', name: 'a' }) },
      [
        ['spec.to[0].targetRef.kind', "value 'MeshExternalService' is not supported"],
        ['spec.to[0].targetRef.kind', wrongKind],
      ],
    ],
    [
      { from: [{ targetRef: { kind: 'MeshService', name: 'a' }, default: limits }] },
      [['spec.from[0].targetRef.kind', "value 'MeshService' is not supported"]],
    ],
    [
      { targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, ...to(limits) },
      [['spec.targetRef.kind', "value 'MeshHTTPRoute' is not supported"]],
    ],
    [
      to({ connectionLimits: { maxConnections: 'many' } }),
      [[`${conf}.connectionLimits.maxConnections`, 'in body must be of type integer: "string"']],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshCircuitBreakerType, spec)).toEqual(expected);
  });

  it('cannot be read with a threshold beyond its type', () => {
    expect(verdict(meshCircuitBreakerType, detect({ healthyPanicThreshold: 5_000_000_000 }))).toBe(
      'invalid MeshCircuitBreaker object: "json: cannot unmarshal number 5000000000 into Go value of type int32"',
    );
  });
});
