import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshMetricType } from './type.ts';

const range = 'port must be a valid (1-65535)';

function backends(...list: readonly unknown[]): object {
  return { default: { backends: list } };
}

function otel(openTelemetry: unknown): object {
  return backends({ type: 'OpenTelemetry', openTelemetry });
}

function profiles(value: unknown): object {
  return { default: { sidecar: { profiles: value } } };
}

describe('a MeshMetric', () => {
  it.each([
    [{}],
    [{ default: { sidecar: { includeUnused: true }, applications: [{ port: 65_535 }], backends: [] } }],
    [backends({ type: 'Prometheus', prometheus: {} }, { type: 'Prometheus', prometheus: { port: 1 } })],
    [otel({ endpoint: 'otel-collector:4317', refreshInterval: '-1s' })],
    [
      profiles({
        appendProfiles: [{ name: 'None' }],
        include: [{ type: 'Contains', match: '[' }],
        exclude: [{ type: 'Regex', match: '^a|\\d$' }],
      }),
    ],
    [{ targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } } }],
    [{ targetRef: { kind: 'Dataplane', labels: { a: 'b' } } }],
  ])('may be %j', (spec) => {
    expect(verdict(meshMetricType, spec)).toEqual([]);
  });

  it.each([
    [
      { targetRef: { kind: 'MeshHTTPRoute', name: 'r' } },
      [['spec.targetRef.kind', "value 'MeshHTTPRoute' is not supported"]],
    ],
    [
      { default: { applications: [{ port: 0 }, { port: 1 }, { port: 65_536 }] } },
      [
        ['spec.default.applications.application[0]', range],
        ['spec.default.applications.application[2]', range],
      ],
    ],
    [
      backends({ type: 'Prometheus' }, { type: 'Prometheus', prometheus: { port: 0 } }),
      [
        ['spec.default.backends.backend[0].prometheus', 'must be defined'],
        ['spec.default.backends.backend[1].port', range],
      ],
    ],
    [
      backends({ type: 'OpenTelemetry' }),
      [['spec.default.backends.backend[0].openTelemetry', 'must be defined']],
    ],
    [
      otel({ endpoint: 'otel' }),
      [['spec.default.backends.backend[0].openTelemetry.endpoint', 'must be a valid url']],
    ],
    [
      otel({ endpoint: 'https://otel:4317' }),
      [['spec.default.backends.backend[0].openTelemetry.endpoint', 'must not use schema']],
    ],
    [
      otel({ endpoint: 'http://' }),
      [
        ['spec.default.backends.backend[0].openTelemetry.endpoint', 'must be a valid url'],
        ['spec.default.backends.backend[0].openTelemetry.endpoint', 'must not use schema'],
      ],
    ],
    [
      profiles({
        include: [
          { type: 'Prefix', match: '(' },
          { type: 'Regex', match: '(' },
        ],
        exclude: [{ type: 'Regex', match: '(?=a)' }],
      }),
      [
        ['spec.default.sidecar.profiles.exclude[0].match', 'invalid regex'],
        ['spec.default.sidecar.profiles.include[1].match', 'invalid regex'],
      ],
    ],
    [
      profiles({ appendProfiles: [{ name: 'all' }], include: [{ type: 'regex' }], exclude: {} }),
      [
        ['spec.default.sidecar.profiles.appendProfiles[0].name', 'in body should be one of [All Basic None]'],
        ['spec.default.sidecar.profiles.exclude', 'in body must be of type array: "object"'],
        [
          'spec.default.sidecar.profiles.include[0].type',
          'in body should be one of [Prefix Regex Exact Contains]',
        ],
        ['spec.default.sidecar.profiles.include[0].match', 'in body is required'],
      ],
    ],
    [
      { default: { applications: [{}, { port: '80' }, { port: 1.5 }] } },
      [
        ['spec.default.applications[0].port', 'in body is required'],
        ['spec.default.applications[1].port', 'in body must be of type integer: "string"'],
        ['spec.default.applications[2].port', 'in body must be of type int32: "float64"'],
      ],
    ],
    [
      backends({ type: 'StatsD' }, { type: 'Prometheus', prometheus: { tls: { mode: 'Maybe' } } }),
      [
        ['spec.default.backends[0].type', 'in body should be one of [Prometheus OpenTelemetry]'],
        [
          'spec.default.backends[1].prometheus.tls.mode',
          'in body should be one of [Disabled ProvidedTLS ActiveMTLSBackend]',
        ],
      ],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshMetricType, spec)).toEqual(expected);
  });

  it('cannot be read with an interval that is none', () => {
    expect(verdict(meshMetricType, otel({ endpoint: 'otel:1', refreshInterval: 'often' }))).toBe(
      'invalid MeshMetric object: "time: invalid duration \\"often\\""',
    );
  });

  it('is stored with its defaults', () => {
    expect(parse(meshMetricType, {})).toStrictEqual({ default: {} });
    const spec = {
      default: {
        applications: [{ port: 80 }],
        backends: [{ type: 'Prometheus', prometheus: { tls: {}, clientId: 'a' } }],
      },
    };
    expect(parse(meshMetricType, spec)).toStrictEqual({
      default: {
        applications: [{ path: '/metrics', port: 80 }],
        backends: [
          {
            type: 'Prometheus',
            prometheus: { clientId: 'a', port: 5670, path: '/metrics', tls: { mode: 'Disabled' } },
          },
        ],
      },
    });
    expect(parse(meshMetricType, otel({ endpoint: 'otel:1', refreshInterval: '90s' }))).toStrictEqual(
      otel({ endpoint: 'otel:1', refreshInterval: '1m30s' }),
    );
  });

  it('warns of names that go away', () => {
    const spec = parse(meshMetricType, { targetRef: { kind: 'MeshServiceSubset', name: 'a' } });
    expect(meshMetricType.deprecations?.(spec, 'x')).toEqual([
      "MeshServiceSubset value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
    ]);
  });
});
