import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { meshTlsType } from './type.ts';

const mesh = { kind: 'Mesh' };
const dataplane = { kind: 'Dataplane', name: 'a' };
const strict = { mode: 'Strict' };
const cipher = 'ECDHE-RSA-AES128-GCM-SHA256';
const ciphers =
  '[ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 ' +
  'ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305]';

function from(conf: unknown, targetRef: unknown = mesh): object {
  return { from: [{ targetRef, default: conf }] };
}

function versions(min: unknown, max: unknown): object {
  return { rules: [{ default: { tlsVersion: { min, max } } }] };
}

describe('a MeshTLS', () => {
  it.each([
    [{}],
    [{ to: [{ nonsense: true }] }],
    [{ rules: [{}] }],
    [from({ mode: 'Permissive', tlsVersion: {}, tlsCiphers: [cipher] })],
    [{ targetRef: { kind: 'Dataplane', sectionName: 'http' }, rules: [{ default: strict }] }],
    [{ targetRef: { kind: 'MeshSubset', tags: { a: 'b' } }, ...from({ ...strict, tlsCiphers: [] }) }],
    [versions('TLS12', 'TLS12')],
    [versions('TLS13', 'TLSAuto')],
    [versions('TLSAuto', 'TLS10')],
  ])('may be %j', (spec) => {
    expect(verdict(meshTlsType, spec)).toEqual([]);
  });

  it.each([
    [
      { ...from(strict), rules: [{ default: strict }] },
      [['spec', "field 'from' must be empty when 'rules' is defined"]],
    ],
    [
      { targetRef: { kind: 'MeshService', name: 'a' } },
      [['spec.targetRef.kind', "value 'MeshService' is not supported"]],
    ],
    [
      { targetRef: { kind: 'Dataplane', sectionName: 'http' } },
      [['spec.targetRef.sectionName', 'can only be used with inbound policies']],
    ],
    [
      from(strict, { kind: 'MeshSubset', tags: { a: 'b' } }),
      [['spec.from[0].targetRef.kind', "value 'MeshSubset' is not supported"]],
    ],
    [
      versions('TLS13', 'TLS12'),
      [['spec.rules[0].default.tlsVersion.min', 'min version must be lower than max']],
    ],
    [
      { targetRef: dataplane, rules: [{ default: { tlsVersion: {}, tlsCiphers: [cipher] } }] },
      [
        [
          'spec.rules[0].default.tlsCiphers',
          'tlsCiphers can only be defined with top level targetRef kind: Mesh',
        ],
        [
          'spec.rules[0].default.tlsVersion',
          'tlsVersion can only be defined with top level targetRef kind: Mesh',
        ],
      ],
    ],
    [
      { targetRef: dataplane, ...from({ tlsVersion: { min: 'TLS13', max: 'TLS10' } }) },
      [
        [
          'spec.from[0].default.tlsVersion',
          'tlsVersion can only be defined with top level targetRef kind: Mesh',
        ],
      ],
    ],
    [
      from({ mode: 'strict' }),
      [['spec.from[0].default.mode', 'in body should be one of [Permissive Strict]']],
    ],
    [
      from({ tlsCiphers: [cipher, 'XOR'] }),
      [['spec.from[0].default.tlsCiphers[1]', `in body should be one of ${ciphers}`]],
    ],
    [
      versions('TLS14', 5),
      [
        [
          'spec.rules[0].default.tlsVersion.min',
          'in body should be one of [TLSAuto TLS10 TLS11 TLS12 TLS13]',
        ],
        ['spec.rules[0].default.tlsVersion.max', 'in body must be of type string: "number"'],
        [
          'spec.rules[0].default.tlsVersion.max',
          'in body should be one of [TLSAuto TLS10 TLS11 TLS12 TLS13]',
        ],
      ],
    ],
    [{ from: [{ default: strict }] }, [['spec.from[0].targetRef', 'in body is required']]],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshTlsType, spec)).toEqual(expected);
  });

  it('is stored with the bounds that are left to Envoy', () => {
    const spec = { ...from({ tlsVersion: { min: 'TLS13', max: null } }), rules: [] };
    expect(parse(meshTlsType, spec)).toStrictEqual({
      ...from({ tlsVersion: { min: 'TLS13', max: 'TLSAuto' } }),
      rules: [],
    });
    expect(parse(meshTlsType, { rules: [{}] })).toStrictEqual({ rules: [{ default: {} }] });
  });

  it('warns of names that go away', () => {
    expect(meshTlsType.deprecations?.({ from: [] }, 'x')).toEqual([]);
    const spec = parse(meshTlsType, { targetRef: { kind: 'MeshSubset' }, ...from(strict) });
    expect(meshTlsType.deprecations?.(spec, 'x')).toEqual([
      "'from' field is deprecated, use 'rules' instead",
      "MeshSubset value for 'targetRef.kind' is deprecated, use Dataplane with labels instead",
    ]);
  });
});
