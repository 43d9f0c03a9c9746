import { describe, expect, it } from 'vitest';
import { contextOf } from '../context/apply.ts';
import type { Resource } from '../model/resource.ts';
import { rankedPolicies } from './policy.ts';
import { resourceRuleFor, resourceRules } from './resource-rules.ts';

const times = { creationTime: '', modificationTime: '', version: 1 };

function resource(
  type: string,
  name: string,
  spec: unknown,
  labels: Readonly<Record<string, string>> = {},
): Resource {
  return { type, mesh: type === 'Mesh' ? '' : 'default', name, labels, spec, ...times };
}

const mesh = resource('Mesh', 'default', {});
const east = { 'kuma.io/zone': 'east' };
const api = resource(
  'MeshService',
  'api',
  { ports: [{ port: 80, name: 'web' }, { port: 81 }] },
  { ...east, tier: 'front' },
);
const store = resource('MeshService', 'store', { ports: [{ port: 90 }] }, { ...east, tier: 'front' });
const ofKubernetes = resource(
  'MeshService',
  'hashed-name',
  { ports: [{ port: 8080, name: 'http' }] },
  { 'kuma.io/display-name': 'shop', 'k8s.kuma.io/namespace': 'demo' },
);
const external = resource('MeshExternalService', 'mail', { match: { port: 25 } }, east);
const route = resource('MeshHTTPRoute', 'split', {}, east);

/** The rules of policies whose entries each target something and say `{ [n]: 1 }`, n counting from 1. */
function rulesOf(...targets: readonly Readonly<Record<string, unknown>>[]) {
  const policies = targets.map((targetRef, at) =>
    resource('P', `p${at + 1}`, { to: [{ targetRef, default: { [at + 1]: 1 } }] }, east),
  );
  const context = contextOf('default', {
    revision: 1,
    resources: [mesh, api, store, ofKubernetes, external, route],
  });
  return resourceRules(rankedPolicies(new Map(policies.map((policy) => [policy.name, policy]))), context);
}

function summary(rules: ReturnType<typeof rulesOf>) {
  return Object.fromEntries(
    rules.map(({ destination, conf }) => [
      [destination.resource.name, destination.sectionName].filter((part) => part !== '').join('/'),
      Object.keys(conf).join(),
    ]),
  );
}

describe('rules for resources', () => {
  it.each([
    ['the mesh', [{ kind: 'Mesh' }], { default: '1' }],
    ['a service', [{ kind: 'MeshService', name: 'api' }], { api: '1' }],
    ['a port by name', [{ kind: 'MeshService', name: 'api', sectionName: 'web' }], { 'api/web': '1' }],
    ['a port by number', [{ kind: 'MeshService', name: 'api', sectionName: '81' }], { 'api/81': '1' }],
    ['a port that has a name, by number', [{ kind: 'MeshService', name: 'api', sectionName: '80' }], {}],
    ['services by labels', [{ kind: 'MeshService', labels: { tier: 'front' } }], { api: '1', store: '1' }],
    ['a service that is not there', [{ kind: 'MeshService', name: 'none' }], {}],
    ['a name of old', [{ kind: 'MeshService', name: 'shop_demo_svc_8080' }], { 'hashed-name/http': '1' }],
    [
      'a name of old without a port',
      [{ kind: 'MeshService', name: 'shop_demo_svc' }],
      { 'hashed-name': '1' },
    ],
    ['a name that only looks old', [{ kind: 'MeshService', name: 'shop_demo_svc_web' }], {}],
    ['a service elsewhere', [{ kind: 'MeshExternalService', name: 'mail' }], { mail: '1' }],
    ['a route', [{ kind: 'MeshHTTPRoute', name: 'split', sectionName: 'x' }], { split: '1' }],
    [
      'tags',
      [
        { kind: 'MeshServiceSubset', name: 'api', tags: {} },
        { kind: 'MeshSubset', tags: {} },
      ],
      {},
    ],
    [
      'all of it, where more is said about less',
      [
        { kind: 'MeshService', name: 'api', sectionName: 'web' },
        { kind: 'MeshService', name: 'api' },
        { kind: 'Mesh' },
      ],
      { default: '3', api: '2,3', 'api/web': '1,2,3' },
    ],
  ])('about %s', (_, targets, expected) => {
    expect(summary(rulesOf(...targets))).toEqual(expected);
  });

  it('name where they are from, the weakest first', () => {
    const [, , port] = rulesOf(
      { kind: 'MeshService', name: 'api', sectionName: 'web' },
      { kind: 'MeshService', name: 'api' },
      { kind: 'Mesh' },
    );
    expect(port?.origin.map(({ policy, ruleIndex }) => `${policy.name} ${ruleIndex}`)).toEqual([
      'p3 0',
      'p2 0',
      'p1 0',
    ]);
  });
});

describe('the rule for a destination', () => {
  const rules = rulesOf({ kind: 'Mesh' }, { kind: 'MeshService', name: 'api' });
  it.each([
    [api, '', '1,2'],
    [api, 'web', '1,2'],
    [store, '', '1'],
    [mesh, '', '1'],
  ])('%#', (resource, sectionName, expected) => {
    const rule = resourceRuleFor(rules, { resource, sectionName });
    expect(Object.keys(rule?.conf ?? {}).join()).toBe(expected);
  });

  it('is none where nothing is said', () => {
    expect(resourceRuleFor(rulesOf(), { resource: api, sectionName: '' })).toBeUndefined();
  });
});
