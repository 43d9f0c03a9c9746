import { describe, expect, it } from 'vitest';
import type { TargetRef } from '../policies/common/target-ref.ts';
import { type Ranked, rankEntry, rankPolicy, roleOf } from './rank.ts';

function policy(name: string, targetRef: TargetRef, labels: Record<string, string> = {}): Ranked {
  return { name, labels, targetRef, role: roleOf(labels) };
}

const mesh: TargetRef = { kind: 'Mesh' };

describe('rankPolicy', () => {
  it('puts the weaker first', () => {
    const ordered = [
      policy('z', mesh, { 'kuma.io/origin': 'global' }),
      policy('b', mesh),
      policy('a', mesh),
      policy('z', mesh, { 'kuma.io/origin': 'zone' }),
      policy('k', mesh, { 'kuma.io/origin': 'zone', 'kuma.io/display-name': 'a' }),
      policy('a', mesh, { 'kuma.io/origin': 'zone', 'kuma.io/policy-role': 'producer' }),
      policy('a', mesh, { 'kuma.io/origin': 'zone', 'kuma.io/policy-role': 'consumer' }),
      policy('a', mesh, { 'kuma.io/origin': 'zone', 'kuma.io/policy-role': 'workload-owner' }),
      policy('a', { kind: 'Dataplane', labels: {} }),
      policy('a', { kind: 'Dataplane', labels: {}, sectionName: 'http' }),
      policy('a', { kind: 'Dataplane', name: 'x' }),
      policy('a', { kind: 'MeshSubset' }),
      policy('a', { kind: 'MeshGateway', name: 'g' }),
      policy('a', { kind: 'MeshGateway', name: 'g', tags: { port: 'main' } }),
      policy('a', { kind: 'MeshService', name: 's' }),
      policy('a', { kind: 'MeshServiceSubset', name: 's' }),
      policy('a', { kind: 'MeshHTTPRoute', name: 'r' }),
    ];
    const shuffled = ordered.toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);
    expect(shuffled.toSorted(rankPolicy)).toEqual(ordered);
    for (const [position, one] of ordered.entries()) {
      for (const other of ordered.slice(position + 1)) {
        expect(rankPolicy(one, other)).toBeLessThan(0);
        expect(rankPolicy(other, one)).toBeGreaterThan(0);
      }
    }
  });
});

describe('rankEntry', () => {
  it('looks at what is targeted before it looks at names', () => {
    const entries = [
      { policy: policy('a', mesh), targetRef: mesh },
      { policy: policy('b', mesh), targetRef: { kind: 'MeshService', name: 's' } as const },
      { policy: policy('a', mesh), targetRef: { kind: 'MeshService', name: 's' } as const },
      {
        policy: policy('b', mesh),
        targetRef: { kind: 'MeshService', name: 's', sectionName: '80' } as const,
      },
    ];
    expect(entries.toReversed().toSorted(rankEntry)).toEqual(entries);
  });
});

it.each([
  [{}, 'system'],
  [{ 'kuma.io/policy-role': 'producer' }, 'producer'],
  [{ 'kuma.io/policy-role': 'king' }, 'system'],
] as const)('takes the role from the labels %j', (labels, role) => {
  expect(roleOf(labels)).toBe(role);
});
