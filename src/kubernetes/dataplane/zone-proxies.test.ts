import { describe, expect, it } from 'vitest';
import { refusal } from '../../model/refusal.case.ts';
import { nodeWith, podWith, serviceWith } from './objects.fixture.ts';
import type { Node, Service } from './objects.ts';
import { zoneEgressOfPod, zoneIngressOfPod } from './zone-proxies.ts';

const address = 'kuma.io/ingress-public-address';
const port = 'kuma.io/ingress-public-port';
const inside = { address: '10.1.0.7', port: 9000 };

function ingress(service: Service, annotations = {}, node?: Node) {
  const sources = { zone: 'east', services: [service], ...(node !== undefined && { node }) };
  return zoneIngressOfPod(podWith({ annotations }), sources).spec.networking;
}

function balanced(...addresses: readonly object[]) {
  return serviceWith({ type: 'LoadBalancer' }, {}, { loadBalancer: { ingress: addresses } });
}

describe('a ZoneIngress', () => {
  it.each([
    ['an IP address', [{ ip: '192.0.2.1' }], '192.0.2.1'],
    ['a host name', [{ hostname: 'lb.example.com' }, { ip: '192.0.2.1' }], 'lb.example.com'],
    ['both', [{ ip: '192.0.2.1', hostname: 'lb.example.com' }], '192.0.2.1'],
  ])('is reached by a load balancer with %s', (_, addresses, advertisedAddress) => {
    expect(ingress(balanced(...addresses))).toEqual({ ...inside, advertisedAddress, advertisedPort: 80 });
  });

  it.each([
    ['a load balancer that is being made', balanced()],
    ['one without an address', balanced({})],
    ['a service within the cluster', serviceWith({ type: 'ClusterIP' })],
  ])('has no public address behind %s', (_, service) => {
    expect(ingress(service)).toEqual(inside);
  });

  const nodePort = serviceWith({
    type: 'NodePort',
    ports: [{ port: 80, targetPort: 9000, nodePort: 30_080 }],
  });
  const addresses = [
    { type: 'Hostname', address: 'n1' },
    { type: 'InternalIP', address: '10.0.0.1' },
    { type: 'ExternalIP', address: '192.0.2.2' },
  ];
  it.each([
    ['its address outside', addresses, '192.0.2.2'],
    ['its address inside', addresses.slice(0, 2), '10.0.0.1'],
  ])('is reached by the port of a node, at %s', (_, list, advertisedAddress) => {
    const node = nodeWith({ status: { addresses: list } });
    expect(ingress(nodePort, {}, node)).toEqual({ ...inside, advertisedAddress, advertisedPort: 30_080 });
  });

  it.each([
    [undefined, 'there are no nodes'],
    [nodeWith({ status: { addresses: addresses.slice(0, 1) } }), /^could not find valid Node address/],
  ])('is refused without an address of a node', (node, message) => {
    const error = refusal(() => ingress(nodePort, {}, node));
    expect(error.code).toBe('not_found');
    expect(error.message).toMatch(message);
  });

  it('is reached where annotations say', () => {
    const annotations = { [address]: '192.0.2.9', [port]: '443', 'kuma.io/envoy-admin-port': '9901' };
    expect(ingress(balanced({ ip: '192.0.2.1' }), annotations)).toEqual({
      ...inside,
      advertisedAddress: '192.0.2.9',
      advertisedPort: 443,
      admin: { port: 9901 },
    });
  });

  it.each([
    [port, { [address]: '192.0.2.9' }],
    [address, { [port]: '443' }],
  ])('is refused without %s', (name, annotations) => {
    const message = `both ${address} and ${port} has to be defined`;
    expect(refusal(() => ingress(serviceWith(), annotations)).violations).toEqual([
      { field: `metadata.annotations["${name}"]`, message },
    ]);
  });

  it('keeps what others wrote into it', () => {
    const spec = {
      zone: 'east',
      networking: { address: '10.1.0.1', port: 1, advertisedAddress: '192.0.2.1', advertisedPort: 2 },
      availableServices: [{ mesh: 'demo', instances: 1, tags: { 'kuma.io/service': 'web' } }],
    };
    const existing = { spec, labels: { team: 'red' } };
    const sources = { zone: 'east', services: [serviceWith()], existing };
    const made = zoneIngressOfPod(podWith({ labels: { app: 'ingress' } }), sources);
    expect(made).toEqual({
      spec: { ...spec, networking: { ...spec.networking, ...inside } },
      labels: {
        app: 'ingress',
        'k8s.kuma.io/namespace': 'shop',
        'kuma.io/proxy-type': 'zoneingress',
        team: 'red',
      },
    });
  });
});

describe('a ZoneEgress', () => {
  it('has zone, address and port', () => {
    const annotations = { 'kuma.io/envoy-admin-port': '9901' };
    const spec = { serviceAccountName: 'egress' };
    const made = zoneEgressOfPod(podWith({ annotations, spec }), { zone: 'east', services: [serviceWith()] });
    expect(made).toEqual({
      spec: { zone: 'east', networking: { ...inside, admin: { port: 9901 } } },
      labels: {
        'k8s.kuma.io/namespace': 'shop',
        'k8s.kuma.io/service-account': 'egress',
        'kuma.io/proxy-type': 'zoneegress',
      },
    });
  });
});

const twoPorts = serviceWith({
  ports: [
    { port: 80, targetPort: 9000 },
    { port: 81, targetPort: 9001 },
  ],
});
it.each([
  ['no service', [], 'should be matched by exactly one service. Matched 0 services'],
  [
    'two services',
    [serviceWith(), serviceWith()],
    'should be matched by exactly one service. Matched 2 services',
  ],
  ['two ports', [twoPorts], 'generated 2 inbound interfaces, expected 1'],
])('are refused with %s', (_, services, words) => {
  for (const make of [zoneIngressOfPod, zoneEgressOfPod]) {
    const error = refusal(() => make(podWith(), { zone: 'east', services }));
    expect(error.code).toBe('invalid');
    expect(error.message).toContain(words);
  }
});
