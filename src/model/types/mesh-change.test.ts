import { describe, expect, it } from 'vitest';
import { pairs } from '../refusal.case.ts';
import { secretsOfCaBackend } from './ca-backend.ts';
import { meshType } from './mesh.ts';
import { validateMeshChange } from './mesh-change.ts';
import { meshSchema } from './mesh-schema.ts';

type Expected = readonly (readonly [field: string, message: string])[];

function mtls(enabledBackend: string, ...backends: object[]): object {
  return { mtls: { enabledBackend, backends } };
}
const builtin = { name: 'ca-1', type: 'builtin' };
const nowhere = 'data source has to be chosen. Available sources: secret, file, inline';

describe('validateMeshChange', () => {
  it.each<readonly [string, object | undefined, object, Expected]>([
    ['m'.repeat(63), undefined, {}, []],
    ['m'.repeat(64), undefined, {}, [['name', 'cannot be longer than 63 characters']]],
    ['m'.repeat(64), {}, {}, []],
    ['m', undefined, mtls('ca-1', builtin), []],
    ['m', mtls('ca-1', builtin), mtls('', builtin), []],
    ['m', mtls('', builtin), mtls('ca-2', { ...builtin, name: 'ca-2' }), []],
    [
      'm',
      mtls('ca-1', builtin),
      mtls('ca-2', { ...builtin, name: 'ca-2' }),
      [
        [
          'mtls.enabledBackend',
          'Changing CA when mTLS is enabled is forbidden. Disable mTLS first and then change the CA',
        ],
      ],
    ],
    [
      'm',
      undefined,
      mtls('', { name: 'a', type: 'vault' }, { name: 'b', type: 'provided' }),
      [['mtls.backends[0].type', 'could not find installed plugin for this type']],
    ],
    [
      'm',
      undefined,
      mtls('', { ...builtin, name: 'A' }),
      [['mtls.backends[0].conf.mtls.backends.name', '"A" name must be valid dns name']],
    ],
    [
      'm',
      undefined,
      mtls('', { ...builtin, name: 'a'.repeat(250) }),
      [
        ['mtls.backends[0].conf.mtls.backends.name', 'Backend name is too long. Max length: 255'],
        ['mtls.backends[0].conf.mtls.backends.name', `"${'a'.repeat(250)}" name must be valid dns name`],
      ],
    ],
    [
      'm',
      undefined,
      mtls('', { ...builtin, conf: { caCert: 5 } }),
      [
        [
          'mtls.backends[0].conf',
          'could not convert backend config: json: cannot unmarshal number into Go value of type map[string]json.RawMessage',
        ],
      ],
    ],
    [
      'm',
      undefined,
      mtls('', { name: 'p', type: 'provided' }),
      [
        ['mtls.backends[0].conf.cert', 'has to be defined'],
        ['mtls.backends[0].conf.key', 'has to be defined'],
      ],
    ],
    [
      'm',
      undefined,
      mtls('', { name: 'p', type: 'provided', conf: { cert: {}, key: { inline: '' } } }),
      [
        ['mtls.backends[0].conf.cert', nowhere],
        ['mtls.backends[0].conf.key.inline', 'cannot be empty'],
      ],
    ],
    [
      'm',
      undefined,
      mtls('', { name: 'p', type: 'provided', conf: { cert: { secret: '' }, key: { file: '' } } }),
      [
        ['mtls.backends[0].conf.cert.secret', 'cannot be empty'],
        ['mtls.backends[0].conf.key.file', 'cannot be empty'],
      ],
    ],
    ['m', undefined, { mtls: { skipValidation: true, backends: [{ name: 'p', type: 'provided' }] } }, []],
  ])('of %s from %j to %j', (name, previous, next, expected) => {
    const before = previous === undefined ? undefined : meshSchema.parse(previous);
    expect(pairs(validateMeshChange(name, before, meshSchema.parse(next)))).toEqual(expected);
  });
});

it.each([
  [builtin, ['m.ca-builtin-cert-ca-1', 'm.ca-builtin-key-ca-1']],
  [{ type: 'provided', conf: { cert: { secret: 'c' }, key: { secret: 'k' } } }, ['c', 'k']],
  [{ type: 'provided', conf: { cert: { inline: 'eA==' }, key: { secret: 'k' } } }, ['k']],
  [{ type: 'provided', conf: { cert: 5 } }, []],
])('knows the secrets of the CA %j', (backend, secrets) => {
  expect(secretsOfCaBackend('m', backend)).toEqual(secrets);
});

it.each([
  [undefined, { port: 5670, path: '/metrics', tags: { 'kuma.io/service': 'dataplane-metrics' }, tls: {} }],
  [
    { skipMTLS: true, port: 1, path: '/x', tags: { a: 'b' } },
    { skipMTLS: true, port: 1, path: '/x', tags: { a: 'b' }, tls: { mode: 'disabled' } },
  ],
  [
    { skipMTLS: false, tls: { mode: 'providedTLS' } },
    {
      port: 5670,
      path: '/metrics',
      tags: { 'kuma.io/service': 'dataplane-metrics' },
      tls: { mode: 'providedTLS' },
    },
  ],
])('fills in what the metrics %j do not say', (conf, completed) => {
  const spec = meshSchema.parse({
    metrics: { backends: [{ name: 'p', type: 'prometheus', ...(conf === undefined ? {} : { conf }) }] },
  });
  const prepared = meshType.prepare?.(spec, { zone: 'east', creating: true });
  expect(prepared?.metrics?.backends?.[0]?.conf).toEqual(completed);
});
