import { describe, expect, it } from 'vitest';
import { computeLabels } from '../../model/labels.ts';
import { refusal } from '../../model/refusal.case.ts';
import { dataplaneType } from '../../model/types/dataplane.ts';
import { builtinGatewayDataplane, type DataplaneSources, dataplaneOfPod } from './dataplane-of-pod.ts';
import { ownerWith, podWith, serviceWith } from './objects.fixture.ts';

const sources: DataplaneSources = {
  mesh: { name: 'demo', spec: {} },
  services: [serviceWith()],
  zone: 'east',
};

describe('a pod with a sidecar', () => {
  const pod = podWith({
    labels: { app: 'cart' },
    annotations: {
      'kuma.io/envoy-admin-port': '9901',
      'kuma.io/transparent-proxying': 'enabled',
      'kuma.io/transparent-proxying-inbound-port': '15006',
      'kuma.io/transparent-proxying-outbound-port': '15001',
      'kuma.io/transparent-proxying-reachable-services': 'web_shop_svc_80',
      'kuma.io/virtual-probes': 'enabled',
      'kuma.io/virtual-probes-port': '9100',
      'prometheus.metrics.kuma.io/path': '/stats',
    },
  });
  const tags = { 'kuma.io/service': 'web_shop_svc_80' };
  const made = dataplaneOfPod(pod, {
    ...sources,
    otherDataplanes: [{ networking: { address: '10.1.0.1', inbound: [{ port: 8080, tags }] } }],
    otherServices: [serviceWith({ clusterIP: '10.9.0.2' }, { name: 'web' })],
  });

  it('has all that services, annotations and others say', () => {
    expect(made.spec).toEqual({
      networking: {
        address: '10.1.0.7',
        inbound: [
          {
            port: 9000,
            name: 'api',
            health: { ready: true },
            tags: {
              app: 'cart',
              'k8s.kuma.io/namespace': 'shop',
              'k8s.kuma.io/service-name': 'cart',
              'k8s.kuma.io/service-port': '80',
              'kuma.io/protocol': 'tcp',
              'kuma.io/service': 'cart_shop_svc_80',
              'kuma.io/zone': 'east',
            },
          },
        ],
        outbound: [{ address: '10.9.0.2', port: 80, tags }],
        transparentProxying: {
          redirectPortInbound: 15_006,
          redirectPortOutbound: 15_001,
          reachableServices: ['web_shop_svc_80'],
          ipFamilyMode: 'DualStack',
        },
        admin: { port: 9901 },
      },
      metrics: { type: 'prometheus', conf: { path: '/stats' } },
      probes: { port: 9100 },
    });
  });

  it('keeps the rules for Dataplanes', () => {
    const { mesh, labels, spec } = made;
    expect(dataplaneType.validate(spec, { mesh, name: 'cart-0.shop', labels }).list).toEqual([]);
  });

  it('has no outbounds where they come from elsewhere', () => {
    const { spec } = dataplaneOfPod(pod, { ...sources, kubeOutboundsAsVips: true });
    expect(spec.networking).not.toHaveProperty('outbound');
  });
});

describe('two services on one port', () => {
  const services = [serviceWith(), serviceWith({}, { name: 'second' })];
  it.each([
    [undefined, 2],
    ['Disabled' as const, 2],
    ['Everywhere' as const, 2],
    ['Exclusive' as const, 1],
  ])('with MeshServices %s are %i inbounds', (mode, count) => {
    const spec = mode === undefined ? {} : { meshServices: { mode } };
    const made = dataplaneOfPod(podWith(), { ...sources, services, mesh: { name: 'demo', spec } });
    expect(made.spec.networking?.inbound).toHaveLength(count);
  });
});

describe('labels', () => {
  const own = {
    'k8s.kuma.io/namespace': 'shop',
    'kuma.io/mesh': 'demo',
    'kuma.io/proxy-type': 'sidecar',
  };
  const account = { 'k8s.kuma.io/service-account': 'carter', 'kuma.io/workload': 'carter' };
  const labelsOf = (parts: Parameters<typeof podWith>[0], more: Partial<DataplaneSources> = {}) =>
    dataplaneOfPod(podWith(parts), { ...sources, ...more }).labels;

  it.each([
    ['of the pod', { labels: { app: 'cart', 'kuma.io/x': 'y' } }, {}, { app: 'cart', 'kuma.io/x': 'y' }],
    ['of its service account', { spec: { serviceAccountName: 'carter' } }, {}, account],
    [
      'of its workload, the first that is not empty',
      { labels: { a: '', b: 'two', c: 'three' }, spec: { serviceAccountName: 'carter' } },
      { workloadLabels: ['x', 'a', 'b', 'c'] },
      { a: '', b: 'two', c: 'three', ...account, 'kuma.io/workload': 'two' },
    ],
    [
      'of its account where no label names the workload',
      { spec: { serviceAccountName: 'carter' } },
      { workloadLabels: ['x'] },
      account,
    ],
    [
      'that it has already, which give way',
      { labels: { app: 'cart' } },
      { existingLabels: { app: 'old', team: 'red', 'kuma.io/mesh': 'old' } },
      { app: 'cart', team: 'red' },
    ],
    [
      'but none that it claims',
      {
        labels: {
          'k8s.kuma.io/namespace': 'kuma-system',
          'k8s.kuma.io/service-account': 'admin',
          'kuma.io/proxy-type': 'gateway',
          'kuma.io/workload': 'admin',
        },
      },
      {},
      {},
    ],
  ])('%s', (_, parts, more, expected) => {
    expect(labelsOf(parts, more)).toEqual({ ...own, ...expected });
  });

  it('get origin, zone and environment where they are stored', () => {
    const { spec, labels } = dataplaneOfPod(podWith(), sources);
    const context = { mesh: 'demo', zone: 'east', environment: 'kubernetes' as const };
    expect(computeLabels(dataplaneType, spec, labels, context)).toEqual({
      ...own,
      'kuma.io/env': 'kubernetes',
      'kuma.io/origin': 'zone',
      'kuma.io/zone': 'east',
    });
  });
});

describe('a delegated gateway', () => {
  const replicaSets = [ownerWith('rs', ['Deployment', 'edge']), ownerWith('alone')];
  const gatewayOf = (kind: string, owner?: string) => {
    const ownerReferences = owner === undefined ? [] : [{ kind: 'ReplicaSet', name: owner }];
    const pod = podWith({ annotations: { 'kuma.io/gateway': kind }, metadata: { ownerReferences } });
    return dataplaneOfPod(pod, { ...sources, replicaSets }).spec.networking;
  };

  it.each([
    ['enabled', undefined],
    ['enabled', 'rs'],
    ['provided', undefined],
    ['provided', 'alone'],
  ])('that is %s has the tags of its first inbound (owner: %s)', (kind, owner) => {
    const networking = gatewayOf(kind, owner);
    expect(networking).not.toHaveProperty('inbound');
    expect(networking?.gateway).not.toHaveProperty('type');
    expect(networking?.gateway?.tags).toMatchObject({ 'kuma.io/service': 'cart_shop_svc_80' });
  });

  it('that is provided by a Deployment is named after it', () => {
    expect(gatewayOf('provided', 'rs')?.gateway).toEqual({
      tags: { 'kuma.io/service-name': 'edge_shop_svc' },
    });
  });

  it.each(['disabled', 'builtin', ''])('is not %j', (kind) => {
    expect(refusal(() => gatewayOf(kind))).toMatchObject({
      code: 'invalid',
      message: `invalid delegated gateway type '${kind}'`,
      violations: [{ field: 'metadata.annotations["kuma.io/gateway"]' }],
    });
  });
});

describe('a built-in gateway', () => {
  const gateway = (tags: string | undefined, zone = 'east') =>
    builtinGatewayDataplane(podWith({ annotations: tags === undefined ? {} : { 'kuma.io/tags': tags } }), {
      ...sources,
      zone,
    });

  it('has the tags that it is told, and its zone', () => {
    expect(gateway('{"kuma.io/service":"edge","kuma.io/zone":"claimed"}')).toEqual({
      mesh: 'demo',
      labels: {
        'k8s.kuma.io/namespace': 'shop',
        'kuma.io/mesh': 'demo',
        'kuma.io/proxy-type': 'gateway',
      },
      spec: {
        networking: {
          address: '10.1.0.7',
          gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'edge', 'kuma.io/zone': 'east' } },
        },
      },
    });
    const { spec } = gateway('{"kuma.io/service":"edge"}', '');
    expect(spec.networking?.gateway?.tags).toEqual({ 'kuma.io/service': 'edge' });
  });

  it.each([
    [undefined, 'Missing'],
    ['', 'Invalid'],
    ['null', 'Invalid'],
    ['[]', 'Invalid'],
    ['{"a":1}', 'Invalid'],
    ['a: b', 'Invalid'],
  ])('is refused with the tags %j', (tags, word) => {
    expect(refusal(() => gateway(tags))).toMatchObject({
      code: 'invalid',
      message: `${word} kuma.io/tags annotation on Pod serving a builtin Gateway`,
      violations: [{ field: 'metadata.annotations["kuma.io/tags"]' }],
    });
  });
});
