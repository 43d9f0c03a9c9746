import { describe, expect, it } from 'vitest';
import { pairs } from '../refusal.case.ts';
import { parseExpiration } from './expiration.ts';
import { meshSchema } from './mesh-schema.ts';
import { validateMesh } from './mesh-validation.ts';

type Expected = readonly (readonly [field: string, message: string])[];

describe('validateMesh', () => {
  it.each<readonly [object, Expected]>([
    [{}, []],
    [
      {
        mtls: { enabledBackend: 'a', backends: [{ name: 'a', type: 'builtin' }] },
        routing: { zoneEgress: true },
      },
      [],
    ],
    [
      { mtls: { enabledBackend: 'b', backends: [{ name: 'a' }] } },
      [['mtls.enabledBackend', 'has to be set to one of the backends in the mesh']],
    ],
    [
      { mtls: { backends: [{ name: 'a' }, { name: 'a' }] } },
      [
        ['mtls.backends', 'cannot have more than 1 backends'],
        ['mtls.backends[1].name', '"a" name is already used for another backend'],
      ],
    ],
    [
      { mtls: { backends: [{ dpCert: { rotation: { expiration: '1.5h' } } }] } },
      [['mtls.dpcert.rotation.expiration', 'has to be a valid format']],
    ],
    [
      { mtls: { backends: [{ dpCert: {} }] } },
      [['mtls.dpcert.rotation.expiration', 'has to be a valid format']],
    ],
    [{ mtls: { backends: [{ dpCert: { rotation: { expiration: '2d' } } }] } }, []],
    [{ routing: { zoneEgress: true } }, [['mtls', 'has to be set when zoneEgress enabled']]],
    [
      { logging: { defaultBackend: 'x' } },
      [['logging.defaultBackend', 'has to be set to one of the logging backend in mesh']],
    ],
    [
      {
        logging: {
          backends: [
            { type: 'file' },
            { name: 'a', type: 'tcp' },
            { name: 'a', type: 'tcp', conf: { address: ':80' } },
            { name: 'b', type: 'udp' },
          ],
        },
      },
      [
        ['logging.backends[0].name', 'cannot be empty'],
        ['logging.backends[0].config.path', 'cannot be empty'],
        ['logging.backends[1].config.address', 'cannot be empty'],
        ['logging.backends[2].config.address', 'has to be in format of HOST:PORT'],
        ['logging.backends[2].name', '"a" name is already used for another backend'],
        ['logging.backends[3].type', 'unknown backend type. Available backends: "tcp", "file"'],
      ],
    ],
    [
      { logging: { backends: [{ name: 'a', type: 'file', conf: { path: 5 } }] } },
      [
        [
          'logging.backends[0].config',
          'could not parse config: json: cannot unmarshal number into Go value of type string',
        ],
      ],
    ],
    [
      { tracing: { defaultBackend: 'x' } },
      [['tracing.defaultBackend', 'has to be set to one of the tracing backend in mesh']],
    ],
    [
      {
        tracing: {
          backends: [
            { type: 'zipkin', sampling: 101 },
            { name: 'a', type: 'zipkin', conf: { url: 'x', apiVersion: 'v9' } },
            { name: 'b', type: 'zipkin', conf: { url: 'http://x/y' } },
            { name: 'c', type: 'zipkin', conf: { url: 'http://x:9411/y', apiVersion: 'httpProto' } },
            { name: 'c', type: 'datadog' },
            { name: 'd', type: 'otel' },
          ],
        },
      },
      [
        ['tracing.backends[0].name', 'cannot be empty'],
        ['tracing.backends[0].sampling', 'has to be in [0.0 - 100.0] range'],
        ['tracing.backends[0].config.url', 'cannot be empty'],
        [
          'tracing.backends[1].config.apiVersion',
          'has invalid value. Allowed values: httpJsonV1, httpJson, httpProto',
        ],
        ['tracing.backends[1].config.url', 'invalid URL'],
        ['tracing.backends[2].config.url', 'port has to be explicitly specified'],
        ['tracing.backends[4].config.address', 'cannot be empty'],
        ['tracing.backends[4].config.port', 'port must be in the range [1, 65535]'],
        ['tracing.backends[4].name', '"c" name is already used for another backend'],
        ['tracing.backends[5].type', 'unknown backend type. Available backends: "zipkin", "datadog"'],
      ],
    ],
    [
      {
        metrics: {
          enabledBackend: 'x',
          backends: [
            { name: 'a', type: 'prometheus', conf: { path: [] } },
            { name: 'a', type: 'statsd' },
          ],
        },
      },
      [
        [
          'metrics.backends[0].conf',
          'could not parse config: json: cannot unmarshal array into Go value of type string',
        ],
        ['metrics.backends[1].name', '"a" name is already used for another backend'],
        ['metrics.backends[1].type', 'unknown backend type. Available backends: "prometheus"'],
        ['metrics.enabledBackend', 'has to be set to one of the backends in the mesh'],
      ],
    ],
    [
      {
        constraints: {
          dataplaneProxy: {
            requirements: [{}, { tags: { a: '*', b: 'x/y' } }],
            restrictions: [{ tags: { c: 'x y' } }],
          },
        },
      },
      [
        ['constraints.dataplaneProxy.requirements[0].tags', 'must have at least one tag'],
        [
          'constraints.dataplaneProxy.restrictions[0].tags["c"]',
          'tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be "*"',
        ],
      ],
    ],
  ])('%j', (spec, expected) => {
    expect(pairs(validateMesh(meshSchema.parse(spec)))).toEqual(expected);
  });
});

it.each([
  ['0', 0],
  ['1ms', 1],
  ['2d', 172_800_000],
  ['1w', 604_800_000],
  ['1y', 31_536_000_000],
  ['292y', 9_208_512_000_000],
  ['300y', undefined],
  ['1.5h', undefined],
  ['1h30m', undefined],
  ['-1h', undefined],
  ['soon', undefined],
  ['', undefined],
])('reads how long a certificate lives from %j', (text, milliseconds) => {
  expect(parseExpiration(text)).toBe(milliseconds);
});
