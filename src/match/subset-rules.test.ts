import { describe, expect, it } from 'vitest';
import type { TargetRef } from '../policies/common/target-ref.ts';
import type { Conf } from './conf.ts';
import type { Policy } from './policy.ts';
import { maxCombinations, type SubsetRule, subsetRules } from './subset-rules.ts';

function policy(name: string): Policy {
  return {
    type: 'MeshTrafficPermission',
    mesh: 'default',
    name,
    labels: {},
    targetRef: { kind: 'Mesh' },
    to: [],
    from: [],
    rules: [],
    role: 'system',
  };
}

function entry(name: string, targetRef: TargetRef, conf: Conf) {
  return { policy: policy(name), targetRef, conf };
}

function text({ subset, conf }: SubsetRule): string {
  const conditions = subset.map(({ key, value, not }) => `${key}${not ? '!=' : '='}${value}`);
  return `${conditions.join() || '*'} -> ${JSON.stringify(conf)}`;
}

const mesh: TargetRef = { kind: 'Mesh' };
const service = (name: string): TargetRef => ({ kind: 'MeshService', name });
const tags = (all: Record<string, string>): TargetRef => ({ kind: 'MeshSubset', tags: all });

describe('rules for destinations', () => {
  it('are the most specific first, each merged from all that goes for it', () => {
    const { rules } = subsetRules(
      [
        entry('a', mesh, { x: 1, y: 1 }),
        entry('b', service('s'), { y: 2 }),
        entry('c', mesh, { z: 3 }),
        entry('d', service('s'), { z: 4 }),
      ],
      false,
    );
    expect(rules.map(text)).toEqual(['kuma.io/service=s -> {"x":1,"y":2,"z":4}', '* -> {"x":1,"y":1,"z":3}']);
    expect(rules.map(({ origin }) => origin.map(({ name }) => name))).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'c'],
    ]);
  });

  it('leave out kinds that are resources', () => {
    const { rules } = subsetRules([entry('a', { kind: 'MeshExternalService', name: 'e' }, {})], false);
    expect(rules).toEqual([]);
  });

  it('name a policy once', () => {
    const one = policy('a');
    const { rules } = subsetRules(
      [
        { policy: one, targetRef: mesh, conf: {} },
        { policy: one, targetRef: service('s'), conf: {} },
      ],
      false,
    );
    expect(rules.map(({ origin }) => origin)).toEqual([[one], [one]]);
  });
});

describe('rules for clients', () => {
  it('do not overlap', () => {
    const { rules } = subsetRules(
      [entry('a', mesh, { action: 'Deny' }), entry('b', service('s'), { action: 'Allow' })],
      true,
    );
    expect(rules.map(text)).toEqual([
      'kuma.io/service=s -> {"action":"Allow"}',
      'kuma.io/service!=s -> {"action":"Deny"}',
    ]);
  });

  it('are worked out for each group of entries that can meet in one client', () => {
    const { rules } = subsetRules(
      [entry('a', tags({ team: 'a' }), { n: 1 }), entry('b', tags({ team: 'b' }), { n: 2 })],
      true,
    );
    expect(rules.map(text)).toEqual(['team=b -> {"n":2}', 'team=a -> {"n":1}']);
  });

  it('are left out, with a warning, where tags combine in too many ways', () => {
    const keys = Array.from({ length: Math.log2(maxCombinations) + 1 }, (_, at) => `k${at}`);
    const entries = keys.map((key) => entry(`p-${key}`, tags({ [key]: 'v' }), {}));
    const { rules, warning } = subsetRules(entries, true);
    expect(rules).toEqual([]);
    expect(warning).toContain('p-k0, p-k1');
    expect(warning).toContain(String(maxCombinations));
    expect(subsetRules(entries.slice(1), true).rules).not.toHaveLength(0);
  });
});
