import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshHealthCheckType } from './type.ts';

const mesh = { kind: 'Mesh' };
const conf = 'spec.to[0].default';
const positive = 'must be greater than zero when defined';
const external = { kind: 'MeshExternalService', name: 'x' };

function to(check: unknown, targetRef: unknown = mesh): object {
  return { to: [{ targetRef, default: check }] };
}

const tcp = (settings: object) => to({ tcp: {}, ...settings });

describe('a MeshHealthCheck', () => {
  it.each<readonly [object]>([
    [{}],
    [{ to: [] }],
    [to({ tcp: { send: '#', receive: [] } }, { kind: 'MeshService', name: 'a' })],
    [tcp({ unhealthyThreshold: 1, healthyThreshold: 2 })],
    [to({ grpc: { serviceName: '', authority: '' } }, { kind: 'MeshMultiZoneService', name: 'a' })],
    [to({ http: { path: 'x', expectedStatuses: [100, 599], requestHeadersToAdd: {} } })],
    [tcp({ interval: '1ms', intervalJitterPercent: 0, healthyPanicThreshold: '0.5', eventLogPath: '/a b' })],
    [tcp({ intervalJitterPercent: 100, healthyPanicThreshold: null, eventLogPath: 'C:\\logs\\a' })],
    [{ targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } }, ...tcp({}) }],
  ])('may be %j', (spec) => {
    expect(verdict(meshHealthCheckType, spec)).toEqual([]);
  });

  it.each<readonly [object, string, string]>([
    [to({}), conf, 'must have at least one defined: http, tcp, grpc'],
    [{ to: [{ targetRef: mesh }] }, conf, 'must have at least one defined: http, tcp, grpc'],
    ...['interval', 'timeout', 'initialJitter', 'intervalJitter', 'noTrafficInterval'].map(
      (name) => [tcp({ [name]: '0s' }), `${conf}.${name}`, positive] as const,
    ),
    ...['unhealthyThreshold', 'healthyThreshold'].map(
      (name) => [tcp({ [name]: 0 }), `${conf}.${name}`, positive] as const,
    ),
    [
      tcp({ intervalJitterPercent: -1 }),
      `${conf}.intervalJitterPercent`,
      'must be in inclusive range [0, 100]',
    ],
    [
      tcp({ intervalJitterPercent: 101 }),
      `${conf}.intervalJitterPercent`,
      'must be in inclusive range [0, 100]',
    ],
    [
      tcp({ healthyPanicThreshold: 101 }),
      `${conf}.healthyPanicThreshold`,
      'must be in inclusive range [0.0, 100.0]',
    ],
    [tcp({ healthyPanicThreshold: 'x' }), `${conf}.healthyPanicThreshold`, 'string must be a valid number'],
    ...['', 'a', './a', '~/a', 'C:/a', '/\0'].map(
      (eventLogPath) =>
        [tcp({ eventLogPath }), `${conf}.eventLogPath`, 'must be a valid path when defined'] as const,
    ),
    [to({ http: { path: '' } }), `${conf}.http.path`, 'must be defined'],
    [
      to({ http: { expectedStatuses: [200, 99] } }),
      `${conf}.http.expectedStatuses[1]`,
      'must be in inclusive range [100, 599]',
    ],
    [
      to({ http: { expectedStatuses: [600] } }),
      `${conf}.http.expectedStatuses[0]`,
      'must be in inclusive range [100, 599]',
    ],
    [
      to({ http: { requestHeadersToAdd: { set: [{ name: 'A', value: '' }] } } }),
      `${conf}.http.requestHeadersToAdd.set[0].name`,
      "in body should match '^[a-z0-9!#$%&'*+\\-.^_\\x60|~]+$'",
    ],
    [
      to({ http: { requestHeadersToAdd: { add: [{ name: 'a' }] } } }),
      `${conf}.http.requestHeadersToAdd.add[0].value`,
      'in body is required',
    ],
    [
      tcp({ unhealthyThreshold: 1.5 }),
      `${conf}.unhealthyThreshold`,
      'in body must be of type int32: "float64"',
    ],
    [tcp({ reuseConnection: 'yes' }), `${conf}.reuseConnection`, 'in body must be of type boolean: "string"'],
    [
      to({ tcp: {} }, { kind: 'MeshHTTPRoute', name: 'r' }),
      'spec.to[0].targetRef.kind',
      "value 'MeshHTTPRoute' is not supported",
    ],
    [to({ tcp: {} }, external), 'spec.to[0].targetRef.kind', "value 'MeshExternalService' is not supported"],
    [
      { targetRef: { kind: 'MeshHTTPRoute', name: 'r' } },
      'spec.targetRef.kind',
      "value 'MeshHTTPRoute' is not supported",
    ],
  ])('is refused as %j at %s', (spec, field, message) => {
    expect(verdict(meshHealthCheckType, spec)).toEqual([[field, message]]);
  });

  it('for some proxies only is told why it is not for external services', () => {
    expect(
      verdict(meshHealthCheckType, { targetRef: { kind: 'Dataplane' }, ...to({ tcp: {} }, external) }),
    ).toEqual([
      ['spec.to[0].targetRef.kind', "value 'MeshExternalService' is not supported"],
      [
        'spec.to[0].targetRef.kind',
        'kind MeshExternalService is only allowed with targetRef.kind: Mesh as it is configured on the Zone Egress and shared by all clients in the mesh',
      ],
    ]);
  });

  it('is stored with durations as Go prints them', () => {
    expect(parse(meshHealthCheckType, tcp({ interval: '90s', healthyPanicThreshold: null }))).toStrictEqual(
      tcp({ interval: '1m30s' }),
    );
  });

  it('is warned of what has moved to MeshCircuitBreaker', () => {
    const spec = { targetRef: { kind: 'MeshSubset' }, ...tcp({ healthyPanicThreshold: 0 }) };
    expect(meshHealthCheckType.deprecations?.(parse(meshHealthCheckType, spec), 'x')).toEqual([
      "MeshSubset value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
      "healthyPanicThreshold for 'to[].default' is deprecated. The setting has been moved to MeshCircuitBreaker policy, please use MeshCircuitBreaker policy instead.",
    ]);
    expect(meshHealthCheckType.deprecations?.(parse(meshHealthCheckType, tcp({})), 'x')).toEqual([]);
  });
});
