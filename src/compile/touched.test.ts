import { describe, expect, it } from 'vitest';
import type { ContextChanges } from '../context/mesh-context.ts';
import { proxyOf } from '../match/proxy.ts';
import type { Resource } from '../model/resource.ts';
import { createTouched } from './touched.ts';

function resource(type: string, name: string, spec: unknown, labels = {}): Resource {
  return { type, mesh: 'default', name, labels, spec, creationTime: '', modificationTime: '', version: 1 };
}

const proxy = proxyOf(
  resource('Dataplane', 'web', {
    networking: {
      address: '10.0.0.1',
      inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }],
      outbound: [{ port: 90, tags: { 'kuma.io/service': 'backend' } }],
    },
  }),
);
const isTouched = createTouched([{ name: 'MeshTimeout' }]);

function changes(part: Partial<ContextChanges>): ContextChanges {
  return { dataplanes: new Set(), services: new Set(), types: new Map(), ...part };
}

function versions(...all: readonly Resource[]): ContextChanges {
  const types = new Map<string, Set<Resource>>();
  for (const one of all) {
    types.set(one.type, (types.get(one.type) ?? new Set()).add(one));
  }
  return changes({ types });
}

const timeout = (targetRef: object, labels = {}) => resource('MeshTimeout', 't', { targetRef }, labels);
const ofWeb = { kind: 'MeshService', name: 'web' };
const ofBackend = { kind: 'MeshService', name: 'backend' };

describe('a proxy', () => {
  it.each<[string, ContextChanges, boolean]>([
    ['nothing', changes({}), false],
    ['its Dataplane', changes({ dataplanes: new Set(['web']) }), true],
    ['another Dataplane', changes({ dataplanes: new Set(['other']) }), false],
    ['the endpoints of a service that it calls', changes({ services: new Set(['backend', 'other']) }), true],
    ['the endpoints of its own service', changes({ services: new Set(['web']) }), false],
    ['the mesh', versions(resource('Mesh', 'default', {})), true],
    ['a policy for all', versions(timeout({ kind: 'Mesh' })), true],
    ['a policy for its service', versions(timeout(ofWeb)), true],
    ['a policy for a service that it calls', versions(timeout(ofBackend)), false],
    ['a policy that was for it', versions(timeout(ofWeb), timeout(ofBackend)), true],
    ['a policy that has become one for it', versions(timeout(ofBackend), timeout(ofWeb)), true],
    ['the shadow of a policy', versions(timeout(ofWeb, { 'kuma.io/effect': 'shadow' })), false],
    ['a policy that cannot be read', versions(resource('MeshTimeout', 't', { to: 1 })), false],
    ['a policy of a type that is not applied', versions(resource('MeshTrace', 't', {})), false],
    ['a secret', versions(resource('Secret', 's', {})), false],
  ])('and a change of %s', (_, change, expected) => {
    expect(isTouched(change, proxy)).toBe(expected);
  });
});
