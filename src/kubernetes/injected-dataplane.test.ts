import { describe, expect, it } from 'vitest';
import { dataplaneSchema, dataplaneType } from '../model/types/dataplane.ts';
import { serviceWith } from './dataplane/objects.fixture.ts';
import { namespaceSchema, readObject, podSchema as writtenPodSchema } from './dataplane/objects.ts';
import { stepForPod } from './dataplane/step-for-pod.ts';
import { target as defaultTarget } from './injector/inject.fixture.ts';
import { injectSidecar } from './injector/inject.ts';
import { defaultInjectorSettings, type InjectionTarget } from './injector/settings.ts';
import { podSchema } from './pod.ts';

/** The Dataplane of a pod that went through injection, and has started since. */
function dataplaneOf(metadata: object, target: Partial<InjectionTarget>) {
  const pod = podSchema.parse({
    metadata: { name: 'cart-0', namespace: 'shop', ...metadata },
    spec: {
      serviceAccountName: 'carter',
      initContainers: [
        { name: 'cache', restartPolicy: 'Always', livenessProbe: { httpGet: { path: '/live', port: 81 } } },
      ],
      containers: [
        {
          name: 'cart',
          ports: [{ name: 'api', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: 'ready', port: 'api' } },
          livenessProbe: { tcpSocket: { port: 8080 } },
        },
      ],
    },
  });
  const injected = injectSidecar(
    pod,
    { labels: { 'kuma.io/sidecar-injection': 'enabled', 'kuma.io/mesh': 'demo' } },
    { ...defaultTarget, ...target },
  );
  const status = { podIP: '10.1.0.7', containerStatuses: [{ name: 'kuma-sidecar', ready: true }] };
  const step = stepForPod(readObject(writtenPodSchema, 'Pod', { ...injected, status }), {
    mesh: { name: injected.metadata.labels?.['kuma.io/mesh'] ?? '', spec: {} },
    namespace: readObject(namespaceSchema, 'Namespace', { metadata: { name: 'shop' } }),
    services: [serviceWith({ ports: [{ port: 80, targetPort: 'api' }] })],
    zone: 'east',
  });
  if (step.action !== 'write') throw new Error(`not written but ${step.action}`);
  return { ...step.resource, spec: dataplaneSchema.parse(step.resource.spec) };
}

describe('an injected pod', () => {
  const virtual = { ...defaultInjectorSettings, applicationProbeProxyPort: 0 };

  it.each([
    ['with a sidecar', {}],
    ['with a native sidecar', { sidecarContainers: true }],
    ['with virtual probes alone', { settings: virtual }],
    ['that the CNI redirects', { settings: { ...defaultInjectorSettings, cniEnabled: true } }],
  ])('%s is a Dataplane that keeps all rules', (_, target) => {
    const { name, mesh, labels, spec } = dataplaneOf({}, target);
    expect({ name, mesh, labels }).toEqual({
      name: 'cart-0.shop',
      mesh: 'demo',
      labels: {
        'k8s.kuma.io/namespace': 'shop',
        'k8s.kuma.io/service-account': 'carter',
        'kuma.io/mesh': 'demo',
        'kuma.io/proxy-type': 'sidecar',
        'kuma.io/workload': 'carter',
      },
    });
    expect(spec.networking).toMatchObject({
      address: '10.1.0.7',
      inbound: [{ port: 8080, health: { ready: true } }],
      transparentProxying: { redirectPortInbound: 15_006, redirectPortOutbound: 15_001 },
      admin: { port: 9901 },
    });
    expect(dataplaneType.validate(spec, { mesh, name, labels }).list).toEqual([]);
  });

  const ready = { inboundPort: 8080, inboundPath: '/ready', path: '/8080/ready' };
  const live = { inboundPort: 81, inboundPath: '/live', path: '/81/live' };
  it.each([
    ['virtual probes', { settings: virtual }, [ready]],
    [
      'virtual probes of what stays beside the sidecar',
      { settings: virtual, sidecarContainers: true },
      [live, ready],
    ],
    ['the proxy of probes as well', { sidecarContainers: true }, [live, ready]],
  ])('with %s says where they lead', (_, target, endpoints) => {
    const { probes } = dataplaneOf({ annotations: { 'kuma.io/virtual-probes': 'enabled' } }, target).spec;
    expect(probes).toEqual({ port: 9000, endpoints });
  });

  it('that is a gateway says so', () => {
    const { spec } = dataplaneOf({ annotations: { 'kuma.io/gateway': 'enabled' } }, {});
    expect(spec.networking?.gateway?.tags).toMatchObject({ 'kuma.io/service': 'cart_shop_svc_80' });
    expect(spec).not.toHaveProperty('probes');
  });
});
