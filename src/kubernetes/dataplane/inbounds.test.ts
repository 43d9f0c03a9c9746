import { describe, expect, it } from 'vitest';
import { refusal } from '../../model/refusal.case.ts';
import { inboundsOfPod, reservedPort, withoutDuplicates } from './inbounds.ts';
import { nodeWith, podWith, serviceWith } from './objects.fixture.ts';
import type { Pod, Service } from './objects.ts';

const zone = 'east';

function inbounds(pod: Pod, ...services: readonly Service[]) {
  return inboundsOfPod(pod, { services, zone });
}

/** State and health of the first inbound, in one word. */
function stateOf(pod: Pod, ...services: readonly Service[]) {
  const [{ state = 'Ready', health }] = inbounds(pod, ...services);
  return health?.ready === true ? state : `${state}, not healthy`;
}

describe('ports of services', () => {
  const ports = (pod: Pod, ...services: readonly Service[]) =>
    inbounds(pod, ...services).map(({ port, name }) => [port, name]);
  const withPorts = (...list: readonly object[]) => serviceWith({ ports: list });

  it.each([
    ['that a container lists by number', [{ port: 80, targetPort: 9000 }], [[9000, 'api']]],
    ['that no container lists', [{ port: 80, targetPort: 9001 }], [[9001, '']]],
    ['that a container names', [{ port: 80, targetPort: 'api' }], [[9000, 'api']]],
    ['without a target', [{ port: 9000 }], [[9000, 'api']]],
    ['with an empty target', [{ port: 81, targetPort: '' }], [[81, '']]],
    [
      'in their order',
      [
        { port: 2, targetPort: 20 },
        { port: 1, targetPort: 10 },
      ],
      [
        [20, ''],
        [10, ''],
      ],
    ],
    ['that nobody names', [{ port: 80, targetPort: 'other' }], [[reservedPort, undefined]]],
    ['of another protocol', [{ port: 80, targetPort: 9000, protocol: 'UDP' }], [[reservedPort, undefined]]],
  ])('%s', (_, list, expected) => {
    expect(ports(podWith(), withPorts(...list))).toEqual(expected);
  });

  it('that a container has for another protocol are not its own', () => {
    const udp = { containers: [{ ports: [{ name: 'api', containerPort: 9000, protocol: 'UDP' }] }] };
    expect(ports(podWith({ spec: udp }), withPorts({ port: 80, targetPort: 9000 }))).toEqual([[9000, '']]);
    expect(ports(podWith({ spec: udp }), withPorts({ port: 80, targetPort: 'api' }))).toEqual([
      [reservedPort, undefined],
    ]);
  });

  it('of names outside of the cluster are left out', () => {
    expect(ports(podWith(), serviceWith({ type: 'ExternalName' }))).toEqual([[reservedPort, undefined]]);
  });
});

describe('tags', () => {
  const tags = (pod: Pod, ...services: readonly Service[]) => inbounds(pod, ...services)[0].tags;
  const own = {
    'k8s.kuma.io/namespace': 'shop',
    'k8s.kuma.io/service-name': 'cart',
    'k8s.kuma.io/service-port': '80',
    'kuma.io/protocol': 'tcp',
    'kuma.io/service': 'cart_shop_svc_80',
    'kuma.io/zone': 'east',
  };

  it('are the labels of the pod, but for empty ones and those of Kuma', () => {
    const labels = { app: 'cart', none: '', 'kuma.io/service': 'claimed', 'k8s.kuma.io/x': 'y' };
    expect(tags(podWith({ labels }), serviceWith())).toEqual({ ...own, app: 'cart' });
  });

  it('name the pod behind a headless service', () => {
    expect(tags(podWith(), serviceWith({ clusterIP: 'None' }))).toEqual({
      ...own,
      'kuma.io/instance': 'cart-0',
    });
  });

  it('of a pod without a service name its owner, and keep labels of Kuma', () => {
    const ownerReferences = [{ kind: 'DaemonSet', name: 'carts' }];
    const labels = { none: '', 'kuma.io/sidecar-injection': 'enabled', 'kuma.io/zone': 'claimed' };
    const pod = podWith({ labels, metadata: { ownerReferences } });
    expect(inbounds(pod)).toEqual([
      {
        port: 49_151,
        health: { ready: true },
        tags: {
          'k8s.kuma.io/namespace': 'shop',
          'kuma.io/instance': 'cart-0',
          'kuma.io/protocol': 'tcp',
          'kuma.io/service': 'carts_shop_svc',
          'kuma.io/sidecar-injection': 'enabled',
          'kuma.io/zone': 'east',
        },
      },
    ]);
  });

  it('have no zone where there is none', () => {
    const [{ tags: found }] = inboundsOfPod(podWith(), { services: [serviceWith()], zone: '' });
    expect(found).not.toHaveProperty(['kuma.io/zone']);
  });

  it.each([
    ['what Kuma knows', { appProtocol: 'GRPC' }, undefined, 'grpc'],
    ['no other', { appProtocol: 'acme.com/x' }, undefined, 'tcp'],
    ['the annotation', {}, 'http2', 'http2'],
    ['the annotation, known or not', {}, 'Acme', 'acme'],
    ['the annotation where it knows no better', { appProtocol: 'acme.com/x' }, 'http', 'http'],
    ['appProtocol before the annotation', { appProtocol: 'kafka' }, 'http', 'kafka'],
    ['nothing', {}, undefined, 'tcp'],
    ['nothing empty', { appProtocol: '' }, '', 'tcp'],
  ])('tell the protocol by %s', (_, port, annotation, protocol) => {
    const service = serviceWith(
      { ports: [{ port: 80, targetPort: 9000, ...port }] },
      { annotations: annotation === undefined ? {} : { '80.service.kuma.io/protocol': annotation } },
    );
    expect(tags(podWith(), service)).toEqual({ ...own, 'kuma.io/protocol': protocol });
  });

  it.each([
    ['enabled', 'http', undefined],
    ['enabled', 'tcp', 'tcp'],
    ['provided', 'http', 'http'],
  ])('of a gateway that is %s with %s have the protocol %s', (gateway, appProtocol, protocol) => {
    const pod = podWith({ annotations: { 'kuma.io/gateway': gateway } });
    const service = serviceWith({ ports: [{ port: 80, appProtocol }] });
    expect(tags(pod, service)?.['kuma.io/protocol']).toBe(protocol);
  });

  it('take those labels of the node that are to be copied', () => {
    const node = nodeWith({ metadata: { labels: { region: 'eu', disk: 'fast' } } });
    const sources = { zone, services: [serviceWith()], nodeLabelsToCopy: ['region', 'rack'] };
    const placed = podWith({ labels: { region: 'us' }, spec: { nodeName: 'n1' } });
    expect(inboundsOfPod(placed, { ...sources, node })[0].tags).toEqual({ ...own, region: 'eu' });
    // A pod that is on no node yet.
    expect(inboundsOfPod(podWith(), sources)[0].tags).toEqual(own);
    const error = refusal(() => inboundsOfPod(placed, sources));
    expect([error.code, error.message]).toEqual(['not_found', 'unable to get Node n1']);
  });
});

describe('readiness', () => {
  const down = (...names: readonly string[]) => names.map((name) => ({ name, ready: false }));
  const native = {
    containers: [{ name: 'cart', ports: [{ name: 'api', containerPort: 9000 }] }],
    initContainers: [{ name: 'kuma-sidecar', restartPolicy: 'Always' }],
  };
  it.each([
    ['nothing is known', {}, 'Ready'],
    ['all are ready', { status: { containerStatuses: [{ name: 'cart', ready: true }] } }, 'Ready'],
    ['another container is not', { status: { containerStatuses: down('other') } }, 'Ready'],
    ['its container is not', { status: { containerStatuses: down('cart') } }, 'NotReady, not healthy'],
    ['the sidecar is not', { status: { containerStatuses: down('kuma-sidecar') } }, 'NotReady, not healthy'],
    [
      'a native sidecar is not',
      { spec: native, status: { initContainerStatuses: down('kuma-sidecar') } },
      'NotReady, not healthy',
    ],
    [
      'the pod is leaving',
      { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
      'NotReady, not healthy',
    ],
  ])('behind a service, where %s', (_, parts, state) => {
    expect(stateOf(podWith(parts), serviceWith({ ports: [{ port: 80, targetPort: 'api' }] }))).toBe(state);
  });

  it('does not ask a container that does not list the port', () => {
    const pod = podWith({ status: { containerStatuses: down('cart') } });
    expect(stateOf(pod, serviceWith({ ports: [{ port: 80, targetPort: 1 }] }))).toBe('Ready');
  });

  it.each([
    ['Ready', { app: 'cart' }],
    ['Ignored, not healthy', { app: 'cart', revision: '2' }],
    ['Ignored, not healthy', { toString: 'x' }],
  ])('is %s of a service that selects %j', (state, selector) => {
    expect(stateOf(podWith({ labels: { app: 'cart' } }), serviceWith({ selector }))).toBe(state);
  });

  it.each([
    ['Ready', []],
    ['NotReady, not healthy', down('cart')],
    ['NotReady, not healthy', down('kuma-sidecar')],
  ])('of a pod without a service is %s', (state, containerStatuses) => {
    expect(stateOf(podWith({ status: { containerStatuses } }))).toBe(state);
  });
});

it('leaves one inbound a port and state', () => {
  const ready = { port: 1, health: { ready: true } };
  const ignored = { port: 1, health: {}, state: 'Ignored' as const };
  const list = [ready, { ...ready, name: 'second' }, ignored, { ...ready, port: 2 }, { ...ignored }];
  expect(withoutDuplicates(list)).toEqual([ready, ignored, { ...ready, port: 2 }]);
});
