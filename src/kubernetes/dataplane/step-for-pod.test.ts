import { describe, expect, it } from 'vitest';
import { refusal } from '../../model/refusal.case.ts';
import { podWith, serviceWith } from './objects.fixture.ts';
import { namespaceSchema, readObject } from './objects.ts';
import { type PodSources, roleOfPod, stepForPod } from './step-for-pod.ts';

const namespace = readObject(namespaceSchema, 'Namespace', { metadata: { name: 'shop' } });
const sources: PodSources = {
  mesh: { name: 'demo', spec: {} },
  services: [serviceWith()],
  zone: 'east',
  namespace,
  systemNamespace: 'shop',
};
const injected = { 'kuma.io/sidecar-injected': 'true' };
const builtin = { 'kuma.io/gateway': 'builtin', 'kuma.io/tags': '{"kuma.io/service":"edge"}' };
const ingress = { 'kuma.io/ingress': 'enabled' };
const egress = { 'kuma.io/egress': 'enabled' };

it.each([
  ['none', {}, undefined],
  ['none, by its own word', { 'kuma.io/sidecar-injected': 'false', 'kuma.io/ingress': 'no' }, undefined],
  ['a sidecar', injected, 'sidecar'],
  ['a gateway beside it', { ...injected, 'kuma.io/gateway': 'enabled' }, 'sidecar'],
  ['a built-in gateway', { ...injected, ...builtin }, 'builtin gateway'],
  ['an egress', { ...builtin, ...egress }, 'zone egress'],
  ['an ingress', { ...egress, ...ingress }, 'zone ingress'],
])('is %s', (_, annotations, role) => {
  expect(roleOfPod(podWith({ annotations }))).toBe(role);
});

describe('a pod', () => {
  it.each([
    ['with a sidecar', injected, 'Dataplane', 'demo', 'sidecar'],
    ['that is a gateway', builtin, 'Dataplane', 'demo', 'gateway'],
    ['that is an ingress', ingress, 'ZoneIngress', '', 'zoneingress'],
    ['that is an egress', egress, 'ZoneEgress', '', 'zoneegress'],
  ])('%s is written', (_, annotations, type, mesh, proxyType) => {
    expect(stepForPod(podWith({ annotations }), sources)).toMatchObject({
      action: 'write',
      resource: { type, mesh, name: 'cart-0.shop', labels: { 'kuma.io/proxy-type': proxyType } },
    });
    expect(stepForPod(podWith({ annotations, status: { podIP: '' } }), sources)).toEqual({
      action: 'delete',
      type,
      name: 'cart-0.shop',
    });
  });

  it.each([{ phase: 'Succeeded' }, { phase: 'Failed', reason: 'Evicted' }])('that is over, %j', (status) => {
    expect(stepForPod(podWith({ annotations: injected, status }), sources).action).toBe('delete');
  });

  it('that is a gateway of its own stays while it has an address', () => {
    const status = { phase: 'Failed', reason: 'Evicted' };
    expect(stepForPod(podWith({ annotations: builtin, status }), sources).action).toBe('write');
  });

  it('without a proxy is nothing', () => {
    expect(stepForPod(podWith(), sources)).toEqual({ action: 'nothing' });
  });

  it('goes with its namespace', () => {
    const leaving = { ...namespace, status: { phase: 'Terminating' } };
    const step = stepForPod(podWith({ annotations: injected }), { ...sources, namespace: leaving });
    expect(step).toEqual({ action: 'nothing' });
  });
});

it.each([
  ['Ingress', ingress],
  ['Egress', egress],
])('an %s belongs into the namespace of Kuma', (kind, annotations) => {
  const { systemNamespace: _, ...elsewhere } = sources;
  expect(refusal(() => stepForPod(podWith({ annotations }), elsewhere))).toMatchObject({
    code: 'invalid',
    message: `${kind} can only be deployed in system namespace "kuma-system"`,
    violations: [{ field: 'metadata.namespace' }],
  });
});

it('an ingress keeps what it offers, and its labels', () => {
  const existingIngress = { availableServices: [{ mesh: 'demo', instances: 2 }] };
  const step = stepForPod(podWith({ annotations: ingress }), {
    ...sources,
    existingIngress,
    existingLabels: { team: 'red' },
  });
  expect(step).toMatchObject({ resource: { spec: existingIngress, labels: { team: 'red' } } });
});
