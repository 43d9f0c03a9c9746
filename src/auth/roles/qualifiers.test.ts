import { describe, expect, it } from 'vitest';
import type { AccessQualifier } from '../../model/types/access-role/schema.ts';
import { qualifiesSpec, qualifiesToken } from './qualifiers.ts';

const backend = { kind: 'MeshService', name: 'backend' };
const web = { kind: 'MeshService', name: 'web' };
const mesh = { kind: 'Mesh' };
const subset = { kind: 'MeshSubset', tags: { 'kuma.io/service': 'backend' } };
const owner: readonly AccessQualifier[] = [{ from: { targetRef: subset } }, { to: { targetRef: backend } }];
const row = (targetRef: object) => ({ targetRef, default: {} });

describe('policies with targetRef', () => {
  it.each<[string, readonly AccessQualifier[], unknown, boolean]>([
    ['no condition', [], { to: [row(web)] }, true],
    ['the target itself', [{ targetRef: backend }], { targetRef: backend, default: {} }, true],
    ['another target', [{ targetRef: backend }], { targetRef: web, default: {} }, false],
    ['another kind', [{ targetRef: backend }], { targetRef: { kind: 'MeshSubset', name: 'backend' } }, false],
    ['no target is the whole mesh', [{ targetRef: backend }], { default: {} }, false],
    ['the whole mesh', [{ targetRef: mesh }], { default: {} }, true],
    [
      'a target without a name is any of its kind',
      [{ targetRef: { kind: 'MeshService' } }],
      { targetRef: web },
      true,
    ],
    [
      'less than the target',
      [{ targetRef: subset }],
      { targetRef: { ...subset, tags: { ...subset.tags, v: '1' } } },
      true,
    ],
    [
      'more than the target',
      [{ targetRef: subset }],
      { targetRef: { kind: 'MeshSubset', tags: { v: '1' } } },
      false,
    ],
    [
      'labels',
      [{ targetRef: { kind: 'Dataplane', labels: { app: 'x' } } }],
      { targetRef: { kind: 'Dataplane', labels: { app: 'x' } } },
      true,
    ],
    [
      'labels of others',
      [{ targetRef: { kind: 'Dataplane', labels: { app: 'x' } } }],
      { targetRef: { kind: 'Dataplane' } },
      false,
    ],
    [
      'a section',
      [{ targetRef: { kind: 'Dataplane', sectionName: 'http' } }],
      { targetRef: { kind: 'Dataplane' } },
      false,
    ],
    [
      'a namespace',
      [{ targetRef: { ...backend, namespace: 'x' } }],
      { targetRef: { ...backend, namespace: 'x' } },
      true,
    ],
    [
      'all in the target',
      [{ targetRef: backend }],
      { targetRef: backend, to: [row(web), row(mesh)], rules: [{ default: {} }] },
      true,
    ],
    ['items of to', owner, { to: [row(backend)] }, true],
    ['items of to, to others as well', owner, { to: [row(backend), row(web)] }, false],
    ['items of to, one about the mesh', owner, { to: [{ default: {} }] }, false],
    ['items of from', owner, { targetRef: web, from: [row(subset)] }, true],
    ['items of both', owner, { from: [row(subset)], to: [row(backend)] }, true],
    ['items of both, one of others', owner, { from: [row(mesh)], to: [row(backend)] }, false],
    [
      'items of from, with a condition on to',
      [{ to: { targetRef: subset } }],
      { from: [row(subset)] },
      false,
    ],
    ['rules are about everybody', owner, { rules: [{ default: {} }] }, false],
    ['nothing in the lists', owner, { targetRef: backend }, false],
    [
      'to within a target',
      [{ targetRef: web, to: { targetRef: backend } }],
      { targetRef: web, to: [row(backend)] },
      true,
    ],
    [
      'to within another target',
      [{ targetRef: web, to: { targetRef: backend } }],
      { targetRef: mesh, to: [row(backend)] },
      false,
    ],
    ['a qualifier of older policies', [{ selectors: { match: {} } }], { targetRef: mesh }, false],
    ['a qualifier of tokens', [{ dpToken: { workload: 'x' } }], { targetRef: mesh }, false],
    ['what cannot be read', [{ targetRef: mesh }], { targetRef: mesh, to: 'all' }, false],
  ])('%s', (_, when, spec, expected) => {
    expect(qualifiesSpec(when, spec, true)).toBe(expected);
  });
});

describe('older policies', () => {
  const tags = (service: string) => ({ match: { 'kuma.io/service': service } });
  const webToBackend: readonly AccessQualifier[] = [{ sources: tags('web'), destinations: tags('backend') }];
  it.each<[string, readonly AccessQualifier[], unknown, boolean]>([
    ['both ends', webToBackend, { sources: [tags('web')], destinations: [tags('backend')] }, true],
    ['another source', webToBackend, { sources: [tags('api')], destinations: [tags('backend')] }, false],
    [
      'another source as well',
      webToBackend,
      { sources: [tags('web'), tags('*')], destinations: [tags('backend')] },
      false,
    ],
    [
      'any source',
      [{ destinations: tags('backend') }],
      { sources: [tags('*')], destinations: [tags('backend')] },
      true,
    ],
    ['any value', [{ sources: tags('*') }], { sources: [tags('x')], destinations: [tags('y')] }, true],
    [
      'a tag that is not there',
      [{ selectors: { match: { team: '*' } } }],
      { selectors: [tags('web')] },
      false,
    ],
    ['selectors', [{ selectors: tags('web') }], { selectors: [tags('web')] }, true],
    ['selectors of others', [{ selectors: tags('web') }], { selectors: [tags('web'), tags('api')] }, false],
    ['selectors, with a condition on ends', webToBackend, { selectors: [tags('web')] }, false],
    ['ends, with a condition on selectors', [{ selectors: tags('web') }], { sources: [tags('web')] }, false],
    ['a condition on targets', [{ targetRef: mesh }], { selectors: [tags('web')] }, false],
    ['nothing to hold it against', [{ selectors: { match: {} } }], { networking: {} }, false],
    ['an empty list', [{ selectors: { match: {} } }], { selectors: [] }, false],
  ])('%s', (_, when, spec, expected) => {
    expect(qualifiesSpec(when, spec, false)).toBe(expected);
  });
});

describe('dataplane tokens', () => {
  const claims = (tags: Readonly<Record<string, readonly string[]>>, workload = '') => ({
    Tags: tags,
    Workload: workload,
  });
  const either = [
    { name: 'kuma.io/service', value: 'web' },
    { name: 'kuma.io/service', value: 'api' },
    { name: 'zone', value: '*' },
  ];
  it.each<[string, readonly AccessQualifier[], ReturnType<typeof claims>, boolean]>([
    ['no condition', [], claims({}), true],
    ['all tags', [{ dpToken: { tags: either } }], claims({ 'kuma.io/service': ['api'], zone: ['x'] }), true],
    ['one tag is missing', [{ dpToken: { tags: either } }], claims({ 'kuma.io/service': ['api'] }), false],
    [
      'a value too many',
      [{ dpToken: { tags: either } }],
      claims({ 'kuma.io/service': ['api', 'db'], zone: ['x'] }),
      false,
    ],
    ['a workload', [{ dpToken: { workload: 'w' } }], claims({}, 'w'), true],
    ['another workload', [{ dpToken: { workload: 'w' } }], claims({}, ''), false],
    [
      'one of two conditions',
      [{ dpToken: { workload: 'v' } }, { dpToken: { workload: 'w' } }],
      claims({}, 'w'),
      true,
    ],
    ['a condition on something else', [{ targetRef: mesh }], claims({}), false],
    [
      'a tag that every object has',
      [{ dpToken: { tags: [{ name: 'constructor', value: '*' }] } }],
      claims({}),
      false,
    ],
  ])('%s', (_, when, given, expected) => {
    expect(qualifiesToken(when, given)).toBe(expected);
  });
});
