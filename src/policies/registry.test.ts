import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defaultPolicies } from './defaults.ts';
import { verdict } from './policy.case.ts';
import { resourceType, resourceTypeByPath, resourceTypeByShortName, resourceTypes } from './registry.ts';

describe('the registry', () => {
  it('is sorted, and finds each type by name and path', () => {
    expect(resourceTypes.map(({ name }) => name)).toEqual(resourceTypes.map(({ name }) => name).sort());
    for (const type of resourceTypes) {
      expect(resourceType(type.name)).toBe(type);
      expect(resourceTypeByPath(type.path)).toBe(type);
    }
  });

  it('has no two types of one name, path or short name', () => {
    for (const values of [
      resourceTypes.map(({ name }) => name),
      resourceTypes.map(({ path }) => path),
      resourceTypes.flatMap(({ shortName }) => (shortName === '' ? [] : [shortName])),
    ]) {
      expect(new Set(values).size).toBe(values.length);
    }
  });

  it.each(['', 'constructor', '__proto__', 'Nothing'])('knows nothing of %j', (name) => {
    expect([resourceType(name), resourceTypeByPath(name), resourceTypeByShortName(name)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('finds types by the short names of identifiers', () => {
    expect(['mt', 'm', 'dp'].map((name) => resourceTypeByShortName(name)?.name)).toEqual([
      'MeshTimeout',
      'Mesh',
      'Dataplane',
    ]);
  });

  it.each(resourceTypes.map((type) => [type.name, type] as const))(
    'can describe %s in JSON Schema',
    (_, type) => {
      expect(z.toJSONSchema(type.schema)).toMatchObject({ type: 'object', properties: expect.anything() });
    },
  );
});

describe('defaultPolicies', () => {
  it('names them after the mesh, without labels', () => {
    const policies = defaultPolicies('demo');
    expect(policies.map(({ type, name, mesh, labels }) => [type, name, mesh, labels])).toEqual([
      ['MeshTimeout', 'mesh-gateways-timeout-all-demo', 'demo', {}],
      ['MeshTimeout', 'mesh-timeout-all-demo', 'demo', {}],
      ['MeshCircuitBreaker', 'mesh-circuit-breaker-all-demo', 'demo', {}],
      ['MeshRetry', 'mesh-retry-all-demo', 'demo', {}],
    ]);
  });

  it.each(defaultPolicies('demo').map((policy) => [policy.name, policy] as const))(
    'makes a sound %s',
    (_, policy) => {
      const type = resourceType(policy.type);
      expect(type === undefined ? 'unknown' : verdict(type, policy.spec)).toEqual([]);
      expect(type?.schema.parse(policy.spec)).toEqual(policy.spec);
    },
  );

  it.each([
    [[], 4],
    [['MeshTimeout'], 2],
    [['MeshRetry', 'MeshCircuitBreaker', 'Nothing'], 2],
    [['*'], 0],
  ])('leaves out %j', (skip, count) => {
    expect(defaultPolicies('demo', skip)).toHaveLength(count);
  });
});
