import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshTraceType } from './type.ts';

const backend = 'spec.default.backends[0]';

function trace(conf: object): object {
  return { default: { backends: [], ...conf } };
}

function zipkin(url: unknown): object {
  return trace({ backends: [{ type: 'Zipkin', zipkin: { url } }] });
}

function datadog(url: unknown): object {
  return trace({ backends: [{ type: 'Datadog', datadog: { url } }] });
}

describe('a MeshTrace', () => {
  it.each([
    [trace({})],
    [zipkin('http://z.example:9411/api/v2/spans')],
    [datadog('http://agent:8126')],
    [datadog('HTTP://[::1]:1')],
    [datadog('http://agent:65535')],
    [trace({ backends: [{ type: 'OpenTelemetry', openTelemetry: { endpoint: 'otel' } }] })],
    [trace({ backends: [{ type: 'OpenTelemetry', openTelemetry: { endpoint: 'a' }, zipkin: { url: '' } }] })],
    [trace({ sampling: { overall: 0, client: '12.5', random: '1e2' } })],
    [trace({ sampling: {} })],
    [
      trace({
        tags: [
          { name: 'a', literal: '' },
          { name: 'b', header: { name: '' } },
        ],
      }),
    ],
    [{ targetRef: { kind: 'MeshGateway', name: 'g' }, ...trace({}) }],
    [{ targetRef: { kind: 'MeshServiceSubset', name: 'a', tags: { b: 'c' } }, ...trace({}) }],
  ])('may be %j', (spec) => {
    expect(verdict(meshTraceType, spec)).toEqual([]);
  });

  it.each([
    [{}, [['spec.default.backends', 'must be defined']]],
    [
      { targetRef: { kind: 'MeshHTTPRoute', name: 'r' }, ...trace({}) },
      [['spec.targetRef.kind', "value 'MeshHTTPRoute' is not supported"]],
    ],
    [
      { targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } }, ...trace({}) },
      [['spec.targetRef.tags', 'must not be set with kind MeshGateway']],
    ],
    [
      { targetRef: { kind: 'Dataplane', sectionName: 'http' }, ...trace({}) },
      [['spec.targetRef.sectionName', 'can only be used with inbound policies']],
    ],
    ...(['Zipkin', 'Datadog', 'OpenTelemetry'] as const).map((type) => [
      trace({ backends: [{ type }] }),
      [[`${backend}.${type.slice(0, 1).toLowerCase()}${type.slice(1)}`, 'must be defined']],
    ]),
    [zipkin(''), [[`${backend}.zipkin.url`, 'must not be empty']]],
    [zipkin('not a url'), [[`${backend}.zipkin.url`, 'must be a valid url']]],
    ...['', 'agent:8126/', 'http://a b', 'http://agent:port'].map((url) => [
      datadog(url),
      [
        [`${backend}.datadog.url`, url === 'agent:8126/' ? 'scheme must be http' : 'must be a valid url'],
      ].concat(
        url === 'agent:8126/'
          ? [
              [`${backend}.datadog.url`, 'port must be defined'],
              [`${backend}.datadog.url`, 'opaque must not be defined'],
            ]
          : [],
      ),
    ]),
    [
      datadog('https://u@d.example/p?q'),
      ['scheme must be http', 'port must be defined', 'user must not be defined', 'path must not be defined']
        .concat('query must not be defined')
        .map((words) => [`${backend}.datadog.url`, words]),
    ],
    [datadog('http://@a:1'), [[`${backend}.datadog.url`, 'user must not be defined']]],
    [datadog('http://a:'), [[`${backend}.datadog.url`, 'port must be defined']]],
    [datadog('http://a:0'), [[`${backend}.datadog.url`, 'port must be a valid (1-65535)']]],
    [datadog('http://a:65536'), [[`${backend}.datadog.url`, 'port must be a valid (1-65535)']]],
    [
      trace({ sampling: { overall: '100.1', random: 'x', client: -1 } }),
      [
        ['spec.default.sampling.client', 'must be between 0 and 100'],
        ['spec.default.sampling.random', 'string is not a number'],
        ['spec.default.sampling.overall', 'must be between 0 and 100'],
      ],
    ],
    [
      trace({ tags: [{ name: '' }, { name: 'b', literal: 'c', header: { name: 'd' } }] }),
      [
        ['spec.default.tags[0].name', 'must not be empty'],
        ['spec.default.tags[0]', 'tag must have only one type defined: header, literal'],
        ['spec.default.tags[1]', 'tag must have only one type defined: header, literal'],
      ],
    ],
    [
      trace({ backends: [{ type: 'Zipkin', zipkin: { url: 'a' } }, { type: 'Jaeger' }] }),
      [
        ['spec.default.backends[1].type', 'in body should be one of [Zipkin Datadog OpenTelemetry]'],
        ['spec.default.backends', 'in body should have at most 1 items'],
      ],
    ],
    [
      trace({ backends: [{ type: 'Zipkin', zipkin: { apiVersion: 'v3', traceId128bit: 1 } }] }),
      [
        [`${backend}.zipkin.url`, 'in body is required'],
        [`${backend}.zipkin.traceId128bit`, 'in body must be of type boolean: "number"'],
        [`${backend}.zipkin.apiVersion`, 'in body should be one of [httpJson httpProto]'],
      ],
    ],
    [
      trace({ backends: [{ type: 'OpenTelemetry', openTelemetry: { endpoint: '' } }] }),
      [[`${backend}.openTelemetry.endpoint`, 'in body should be at least 1 chars long']],
    ],
    [
      trace({ sampling: { overall: 1e20 } }),
      [
        ['', '"spec.default.sampling.overall" must validate at least one schema (anyOf)'],
        ['spec.default.sampling.overall', 'in body must be of type integer: "number"'],
      ],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshTraceType, spec)).toEqual(expected);
  });

  it('is stored with its defaults, and without samplings that are null', () => {
    expect(parse(meshTraceType, { ...zipkin('http://a.example') })).toStrictEqual({
      default: {
        backends: [
          {
            type: 'Zipkin',
            zipkin: {
              url: 'http://a.example',
              traceId128bit: false,
              apiVersion: 'httpJson',
              sharedSpanContext: true,
            },
          },
        ],
      },
    });
    expect(parse(meshTraceType, trace({ sampling: { overall: null, client: '1' } }))).toStrictEqual(
      trace({ sampling: { client: '1' } }),
    );
    expect(parse(meshTraceType, datadog('http://a:1'))).toStrictEqual(
      trace({ backends: [{ type: 'Datadog', datadog: { url: 'http://a:1', splitService: false } }] }),
    );
  });

  it('warns of names that go away', () => {
    const spec = parse(meshTraceType, { targetRef: { kind: 'MeshSubset' }, ...trace({}) });
    expect(meshTraceType.deprecations?.(spec, 'x')).toEqual([
      "MeshSubset value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
    ]);
  });
});
