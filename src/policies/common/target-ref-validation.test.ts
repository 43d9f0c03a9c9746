import { describe, expect, it } from 'vitest';
import { pairs } from '../../model/refusal.case.ts';
import { Violations } from '../../model/violations.ts';
import { includesGateways, type TargetRef, targetRefKinds } from './target-ref.ts';
import {
  fromDeprecations,
  targetRefDeprecations,
  validateExternalDestination,
  validateOwnTargetRef,
  validateTargetRef,
} from './target-ref-validation.ts';

const everything: Omit<TargetRef, 'kind'> = {
  name: 'a',
  tags: { a: 'b' },
  mesh: 'm',
  proxyTypes: ['Sidecar'],
  namespace: 'n',
  labels: { l: 'm' },
  sectionName: 's',
};

function found(ref: TargetRef, rules: object = {}): readonly (readonly [string, string])[] {
  const violations = new Violations();
  validateTargetRef(violations, 'ref', ref, { kinds: targetRefKinds, ...rules });
  return pairs(violations);
}

function notWith(kind: string, ...members: string[]): readonly (readonly [string, string])[] {
  return members.map((member) => [`ref.${member}`, `must not be set with kind ${kind}`]);
}

const characters =
  "invalid characters: must consist of lower case alphanumeric characters, '-', '.' and '_'.";
const ambiguous = 'either labels or name and namespace must be specified';

describe('validateTargetRef', () => {
  it.each<TargetRef>([
    { kind: 'Mesh' },
    { kind: 'Mesh', proxyTypes: ['Gateway', 'Sidecar'] },
    { kind: 'Mesh', name: '', tags: {}, labels: {} },
    { kind: 'MeshSubset' },
    { kind: 'MeshSubset', tags: { a: 'b' }, proxyTypes: ['Sidecar'] },
    { kind: 'Dataplane' },
    { kind: 'Dataplane', name: 'a', namespace: 'n' },
    { kind: 'Dataplane', labels: { a: 'b' } },
    { kind: 'MeshService', name: 'a_b.c-d', sectionName: 'http' },
    { kind: 'MeshService', labels: { a: 'b' } },
    { kind: 'MeshExternalService', name: 'a', namespace: 'n' },
    { kind: 'MeshMultiZoneService', ...everything },
    { kind: 'MeshHTTPRoute', name: 'a' },
    { kind: 'MeshServiceSubset', name: 'a', tags: { a: '*', b: 'x/y' } },
    { kind: 'MeshGateway', name: 'a' },
  ])('takes %j', (ref) => {
    expect(found(ref)).toEqual([]);
  });

  it.each<readonly [TargetRef, readonly (readonly [string, string])[]]>([
    [
      { kind: 'Mesh', ...everything },
      [
        ['ref.name', 'using name with kind Mesh is not yet supported'],
        ...notWith('Mesh', 'mesh', 'tags', 'labels', 'namespace', 'sectionName'),
      ],
    ],
    [
      { kind: 'Mesh', proxyTypes: [] },
      [['ref.proxyTypes', 'must be undefined or have at least one element']],
    ],
    [
      { kind: 'Dataplane', ...everything },
      [
        ...notWith('Dataplane', 'tags', 'mesh', 'proxyTypes'),
        ['ref.labels', ambiguous],
        ['ref.sectionName', 'can only be used with inbound policies'],
      ],
    ],
    [
      { kind: 'MeshSubset', ...everything, tags: { 'a b': 'c' } },
      [
        ...notWith('MeshSubset', 'name', 'mesh'),
        [
          'ref.tags["a b"]',
          'tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores',
        ],
        ...notWith('MeshSubset', 'labels', 'namespace', 'sectionName'),
      ],
    ],
    [
      { kind: 'MeshSubset', proxyTypes: [] },
      [['ref.proxyTypes', 'must be undefined or have at least one element']],
    ],
    [
      { kind: 'MeshService', ...everything },
      [...notWith('MeshService', 'mesh', 'tags', 'proxyTypes'), ['ref.labels', ambiguous]],
    ],
    [{ kind: 'MeshService' }, [['ref.name', 'must be set with kind MeshService']]],
    [{ kind: 'MeshService', name: 'A' }, [['ref.name', characters]]],
    [
      { kind: 'MeshHTTPRoute', ...everything },
      [...notWith('MeshHTTPRoute', 'mesh', 'tags', 'proxyTypes', 'sectionName'), ['ref.labels', ambiguous]],
    ],
    [
      { kind: 'MeshExternalService', ...everything },
      [
        ...notWith('MeshExternalService', 'mesh', 'tags', 'proxyTypes'),
        ['ref.labels', 'either labels or name must be specified'],
        ...notWith('MeshExternalService', 'sectionName'),
      ],
    ],
    [
      { kind: 'MeshServiceSubset', ...everything, name: '' },
      [
        ['ref.name', 'must be set with kind MeshServiceSubset'],
        ...notWith('MeshServiceSubset', 'mesh', 'proxyTypes', 'labels', 'namespace', 'sectionName'),
      ],
    ],
    [
      { kind: 'MeshGateway', ...everything },
      notWith('MeshGateway', 'mesh', 'proxyTypes', 'tags', 'labels', 'namespace', 'sectionName'),
    ],
  ])('refuses %j', (ref, expected) => {
    expect(found(ref)).toEqual(expected);
  });

  it('takes what the place allows', () => {
    expect(found({ kind: 'Dataplane', sectionName: 's' }, { inbound: true })).toEqual([]);
    expect(
      found({ kind: 'MeshGateway', name: 'a', tags: { a: 'b' } }, { gatewayListenerTags: true }),
    ).toEqual([]);
    expect(found({ kind: 'Mesh' }, { kinds: ['Dataplane'] })).toEqual([
      ['ref.kind', "value 'Mesh' is not supported"],
    ]);
    expect(found({ kind: 'Mesh' }, { kinds: [], unsupported: 'no' })).toEqual([['ref.kind', 'no']]);
    expect(found({ kind: 'MeshService', name: 'A/b' }, { exceptionalNames: ['A/b'] })).toEqual([]);
    expect(found({ kind: 'MeshService', name: 'A/c' }, { exceptionalNames: ['A/b'] })).toEqual([
      ['ref.name', characters],
    ]);
  });
});

describe('validateOwnTargetRef', () => {
  function own(ref: TargetRef | undefined, role?: string) {
    const violations = new Violations();
    const labels = role === undefined ? {} : { 'kuma.io/policy-role': role };
    validateOwnTargetRef(violations, ref, labels, { kinds: targetRefKinds, gatewayListenerTags: true });
    return pairs(violations);
  }

  it.each([undefined, '', 'system'])('lets a policy of the role %s target everything', (role) => {
    for (const kind of ['MeshGateway', 'MeshHTTPRoute', 'Mesh'] as const) {
      expect(own(kind === 'Mesh' ? { kind } : { kind, name: 'a' }, role)).toEqual([]);
    }
  });

  it.each(['producer', 'consumer', 'workload-owner', 'x'])(
    'keeps a policy of the role %s from gateways and routes',
    (role) => {
      for (const kind of ['MeshGateway', 'MeshHTTPRoute'] as const) {
        expect(own({ kind, name: 'a' }, role)).toEqual([
          ['spec.targetRef.kind', `value '${kind}' is not supported`],
        ]);
      }
      expect(own({ kind: 'Mesh' }, role)).toEqual([]);
    },
  );

  it('takes an absent target', () => {
    expect(own(undefined, 'consumer')).toEqual([]);
  });
});

it.each([
  ['MeshExternalService', 'Mesh', 0],
  ['MeshExternalService', 'Dataplane', 1],
  ['MeshService', 'Dataplane', 0],
] as const)('for the destination %s of a policy for %s has %i violations', (kind, ownKind, count) => {
  const violations = new Violations();
  validateExternalDestination(violations, 'to', { kind, name: 'a' }, ownKind);
  expect(violations.list.map(({ field }) => field)).toEqual(count === 0 ? [] : ['to.kind']);
});

it.each<readonly [TargetRef, boolean]>([
  [{ kind: 'Mesh' }, true],
  [{ kind: 'Mesh', proxyTypes: [] }, true],
  [{ kind: 'Mesh', proxyTypes: ['Sidecar'] }, false],
  [{ kind: 'MeshSubset', proxyTypes: ['Sidecar', 'Gateway'] }, true],
  [{ kind: 'MeshSubset', proxyTypes: ['Sidecar'] }, false],
  [{ kind: 'MeshGateway' }, true],
  [{ kind: 'MeshHTTPRoute' }, true],
  [{ kind: 'Dataplane' }, false],
  [{ kind: 'MeshService' }, false],
])('tells whether %j takes in gateways: %s', (ref, included) => {
  expect(includesGateways(ref)).toBe(included);
});

it.each([
  ['Mesh', []],
  ['Dataplane', []],
  [
    'MeshService',
    ["MeshService value for 'targetRef.kind' is deprecated, use Dataplane with labels instead"],
  ],
  [
    'MeshHTTPRoute',
    ["MeshHTTPRoute value for 'targetRef.kind' is deprecated, use MeshHTTPRoute in spec.to[].targetRef"],
  ],
] as const)('warns of the kind %s: %j', (kind, warnings) => {
  expect(targetRefDeprecations({ kind })).toEqual(warnings);
});

it('warns of lists that were replaced', () => {
  expect([undefined, [], [1]].map(fromDeprecations)).toEqual([
    [],
    [],
    ["'from' field is deprecated, use 'rules' instead"],
  ]);
});
