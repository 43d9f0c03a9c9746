import { describe, expect, it } from 'vitest';
import type { Resource } from '../model/resource.ts';
import type { TargetRef } from '../policies/common/target-ref.ts';
import { rankedPolicies } from './policy.ts';
import { proxyOf } from './proxy.ts';
import { select } from './selection.ts';

const times = { creationTime: '', modificationTime: '', version: 1 };

function dataplane(networking: unknown, labels: Record<string, string> = {}): Resource {
  return { type: 'Dataplane', mesh: 'default', name: 'one', labels, spec: { networking }, ...times };
}

const sidecar = dataplane(
  {
    address: '10.0.0.1',
    inbound: [
      { port: 80, name: 'web', tags: { 'kuma.io/service': 'shop', version: 'v1' } },
      { port: 81, tags: { 'kuma.io/service': 'shop-admin' } },
    ],
  },
  { app: 'shop', 'kuma.io/zone': 'east', 'kuma.io/origin': 'zone' },
);
const gateway = dataplane({ address: '10.0.0.2', gateway: { tags: { 'kuma.io/service': 'door' } } });
const builtin = dataplane({
  address: '10.0.0.3',
  gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'edge' } },
});

function selection(targetRef: TargetRef, proxy: Resource, labels: Record<string, string> = {}) {
  const resource = {
    type: 'MeshTimeout',
    mesh: 'default',
    name: 'p',
    labels,
    spec: { targetRef, to: [] },
    ...times,
  };
  const [policy] = rankedPolicies(new Map([['p', resource]]));
  if (policy === undefined) {
    throw new Error('this is a policy');
  }
  const { selected, inbounds } = select(policy, proxyOf(proxy));
  return selected ? inbounds.map(Number).join('') || 'gateway' : 'none';
}

describe('select', () => {
  it.each([
    ['the mesh', { kind: 'Mesh' }, '11', 'gateway'],
    ['sidecars', { kind: 'Mesh', proxyTypes: ['Sidecar'] }, '11', 'none'],
    ['gateways', { kind: 'Mesh', proxyTypes: ['Gateway'] }, 'none', 'gateway'],
    ['a subset', { kind: 'MeshSubset', tags: { version: 'v1' } }, '10', 'none'],
    ['a subset with any value', { kind: 'MeshSubset', tags: { version: '*' } }, '10', 'none'],
    ['a subset of sidecars', { kind: 'MeshSubset', tags: {}, proxyTypes: ['Sidecar'] }, '11', 'none'],
    ['a service', { kind: 'MeshService', name: 'shop-admin' }, '01', 'none'],
    ['the service of a gateway', { kind: 'MeshService', name: 'door' }, 'none', 'gateway'],
    [
      'a part of a service',
      { kind: 'MeshServiceSubset', name: 'shop', tags: { version: 'v1' } },
      '10',
      'none',
    ],
    ['another part', { kind: 'MeshServiceSubset', name: 'shop', tags: { version: 'v2' } }, 'none', 'none'],
    ['all Dataplanes', { kind: 'Dataplane' }, '11', 'gateway'],
    ['Dataplanes by labels', { kind: 'Dataplane', labels: { app: 'shop' } }, '11', 'none'],
    ['other Dataplanes by labels', { kind: 'Dataplane', labels: { app: 'x' } }, 'none', 'none'],
    ['a section by name', { kind: 'Dataplane', labels: { app: 'shop' }, sectionName: 'web' }, '10', 'none'],
    ['a section by port', { kind: 'Dataplane', labels: { app: 'shop' }, sectionName: '81' }, '01', 'none'],
    ['no such section', { kind: 'Dataplane', labels: { app: 'shop' }, sectionName: '80' }, 'none', 'none'],
    ['a built-in gateway', { kind: 'MeshGateway', name: 'edge' }, 'none', 'none'],
    ['a route', { kind: 'MeshHTTPRoute', name: 'r' }, 'none', 'none'],
  ] satisfies [string, TargetRef, string, string][])('%s', (_, targetRef, ofSidecar, ofGateway) => {
    expect(selection(targetRef, sidecar)).toBe(ofSidecar);
    expect(selection(targetRef, gateway)).toBe(ofGateway);
    expect(selection(targetRef, builtin)).toBe('none');
  });

  it('takes the Dataplane of a name for that of the policy’s own zone and namespace', () => {
    const one: TargetRef = { kind: 'Dataplane', name: 'one' };
    expect(selection(one, sidecar)).toBe('none');
    expect(selection(one, sidecar, { 'kuma.io/zone': 'east' })).toBe('11');
    expect(selection({ ...one, namespace: 'n' }, sidecar, { 'kuma.io/zone': 'east' })).toBe('none');
    expect(selection({ kind: 'Dataplane', name: 'two' }, sidecar, { 'kuma.io/zone': 'east' })).toBe('none');
  });

  it('keeps policies of another zone from the proxies of this one', () => {
    const west = { 'kuma.io/origin': 'zone', 'kuma.io/zone': 'west' };
    expect(selection({ kind: 'Mesh' }, sidecar, west)).toBe('none');
    expect(selection({ kind: 'Mesh' }, sidecar, { ...west, 'kuma.io/zone': 'east' })).toBe('11');
    expect(selection({ kind: 'Mesh' }, sidecar, { 'kuma.io/origin': 'global' })).toBe('11');
    expect(selection({ kind: 'Mesh' }, sidecar, { ...west, 'kuma.io/policy-role': 'producer' })).toBe('11');
    expect(selection({ kind: 'Mesh' }, gateway, west)).toBe('gateway');
  });

  it.each(['consumer', 'workload-owner'])('keeps policies of a %s within their namespace', (role) => {
    const labels = { 'kuma.io/policy-role': role, 'k8s.kuma.io/namespace': 'a' };
    const inside = dataplane(sidecar.spec && { address: '1.1.1.1', inbound: [{ port: 1 }] }, {
      'k8s.kuma.io/namespace': 'a',
    });
    expect(selection({ kind: 'Mesh' }, inside, labels)).toBe('1');
    expect(selection({ kind: 'Mesh' }, sidecar, labels)).toBe('none');
    expect(selection({ kind: 'Mesh' }, sidecar, { 'kuma.io/policy-role': role })).toBe('none');
  });
});
