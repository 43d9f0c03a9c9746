import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../spec.case.ts';
import { meshTrustType } from './mesh-trust.ts';

const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
const bundle = (value: string) => ({ type: 'Pem', pem: { value } });
const sound = { trustDomain: 'x', caBundles: [bundle(pem('CERTIFICATE'))] };
const wrongFormat = 'provided certificate has incorrect format';

describe('a MeshTrust', () => {
  it.each([
    sound,
    { ...sound, trustDomain: 'A B' },
    { ...sound, origin: { kri: 'kri_mid_default_zone__a_' } },
    { ...sound, caBundles: [bundle(pem('PUBLIC KEY'))] },
  ])('may be %j', (spec) => {
    expect(verdict(meshTrustType, spec)).toEqual([]);
  });

  it.each<readonly [object, readonly (readonly [string, string])[]]>([
    [
      {},
      [
        ['spec.trustDomain', 'in body is required'],
        ['spec.caBundles', 'in body is required'],
      ],
    ],
    [{ ...sound, caBundles: [] }, [['spec.caBundles', 'in body should have at least 1 items']]],
    [
      { ...sound, trustDomain: 'x'.repeat(254) },
      [['spec.trustDomain', 'in body should be at most 253 chars long']],
    ],
    [
      { ...sound, caBundles: [{ type: 'X' }] },
      [['spec.caBundles[0].type', 'in body should be one of [Pem]']],
    ],
    [
      { ...sound, caBundles: [{ type: 'Pem', pem: {} }] },
      [['spec.caBundles[0].pem.value', 'in body is required']],
    ],
    [
      { trustDomain: '', caBundles: [{ type: 'Pem' }, bundle('x')] },
      [
        ['spec.caBundles[0].pem', 'must be defined'],
        ['spec.caBundles[1].pem.value', wrongFormat],
        ['spec.trustDomain', 'trustDomain needs to be defined'],
      ],
    ],
    ...['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'DSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'].map(
      (label) =>
        [
          { ...sound, caBundles: [bundle(pem(label))] },
          [['spec.caBundles[0].pem.value', wrongFormat]],
        ] as const,
    ),
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshTrustType, spec)).toEqual(expected);
  });

  it('warns of an origin in its spec', () => {
    const warnings = (spec: object) => meshTrustType.deprecations?.(parse(meshTrustType, spec), 'x');
    expect([warnings(sound), warnings({ ...sound, origin: {} })]).toEqual([
      [],
      ['setting spec.origin field is deprecated'],
    ]);
  });
});
