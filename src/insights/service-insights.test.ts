import { describe, expect, it } from 'vitest';
import type { Resource } from '../model/resource.ts';
import type { InsightRecord } from '../store/insights.ts';
import {
  alive,
  connected,
  contextOf,
  gateway,
  made,
  mtls,
  record,
  resource,
  sidecar,
  stream,
  viewOf,
} from './insights.fixture.ts';
import { advance } from './mesh-model.ts';
import { serviceInsight, serviceInsights } from './service-insights.ts';

function external(name: string, service: string, address: string, zone?: string): Resource {
  const tags = { 'kuma.io/service': service, ...(zone !== undefined && { 'kuma.io/zone': zone }) };
  return resource('ExternalService', name, { networking: { address }, tags });
}

const modelOf = (resources: readonly Resource[], ...records: readonly InsightRecord[]) =>
  advance(undefined, contextOf(...resources), viewOf(...records), alive);

const specs = (resources: readonly Resource[], ...records: readonly InsightRecord[]) =>
  Object.fromEntries(
    [...serviceInsights(modelOf(resources, ...records))].map(([name, { spec }]) => [name, spec]),
  );

const shop = (name: string) => sidecar(name, [{ service: 'shop' }]);
const halfReady = (name: string) =>
  sidecar(name, [{ service: 'shop' }, { service: 'shop', state: 'NotReady' }]);
const where = { addressPort: 'shop.mesh:80', zones: ['default'] };

describe('the insight of a service', () => {
  it.each([
    ['online', 'all of its proxies are', [connected('a'), connected('b')], { total: 2, online: 2 }],
    ['partially_degraded', 'some are', [connected('b')], { total: 2, online: 1, offline: 1 }],
    ['offline', 'none is', [connected('a', 'dead')], { total: 2, offline: 2 }],
  ])('is %s where %s', (status, _, records, dataplanes) => {
    expect(specs([shop('a'), shop('b')], ...records)).toEqual({ shop: { status, dataplanes, ...where } });
  });

  it('counts each inbound, and one that is partially degraded as offline, as in the reference', () => {
    expect(specs([shop('a'), halfReady('b')], connected('a'), connected('b'))).toEqual({
      shop: { status: 'partially_degraded', dataplanes: { total: 3, online: 1, offline: 2 }, ...where },
    });
  });

  it('tells of gateways their kind, and no address', () => {
    const doors = [gateway('g-1', 'door', 'BUILTIN'), gateway('g-2', 'gate')];
    expect(specs(doors, connected('g-1'))).toEqual({
      door: {
        status: 'online',
        dataplanes: { total: 1, online: 1 },
        serviceType: 'gateway_builtin',
        zones: ['default'],
      },
      gate: {
        status: 'offline',
        dataplanes: { total: 1, offline: 1 },
        serviceType: 'gateway_delegated',
        zones: ['default'],
      },
    });
  });

  it('tells of a service outside where it is', () => {
    expect(specs([external('e', 'pay', 'pay.example:443', 'east')])).toEqual({
      pay: {
        status: 'not_available',
        dataplanes: {},
        serviceType: 'external',
        addressPort: 'pay.example:443',
        zones: ['east'],
      },
    });
  });

  it('is that of the mesh where the same service is outside too', () => {
    expect(specs([shop('a'), external('e', 'shop', 'shop.example:443', 'east')], connected('a'))).toEqual({
      shop: {
        status: 'online',
        dataplanes: { total: 1, online: 1 },
        addressPort: 'shop.mesh:80',
        zones: ['default', 'east'],
      },
    });
  });

  it.each([
    ['gateway_delegated', ['a', 'b']],
    [undefined, ['b', 'a']],
  ] as const)('is of type %s where the first proxy by name is', (serviceType, [door, inbound]) => {
    const resources = [gateway(door, 'both'), sidecar(inbound, [{ service: 'both' }])];
    const { spec } = serviceInsight(modelOf(resources), 'both');
    expect(spec).toMatchObject({ dataplanes: { total: 2, offline: 2 } });
    expect(spec.serviceType).toBe(serviceType);
  });

  it('counts the backends of certificates', () => {
    const holder = (name: string, backend: string) =>
      record(name, { subscriptions: [stream('alive')], mtls: mtls(backend, 'ca-1', 'ca-2') });
    const resources = [shop('a'), shop('b'), shop('c'), shop('d')];
    const records = [holder('a', 'ca-1'), holder('b', 'ca-2'), holder('c', 'ca-2'), connected('d')];
    expect(specs(resources, ...records)).toMatchObject({
      shop: { issuedBackends: { 'ca-1': 1, 'ca-2': 2 } },
    });
  });

  it('is told of a name that there is not, with nothing but where it would be', () => {
    const { name, mesh, spec } = serviceInsight(modelOf([shop('a')]), 'none');
    expect({ name, mesh, spec }).toEqual({
      name: 'none',
      mesh: 'default',
      spec: { dataplanes: {}, addressPort: 'none.mesh:80' },
    });
  });

  it('was changed when one of its proxies was, and made with its mesh', () => {
    const later = '2026-01-01T01:00:00.000Z';
    const late = record('b', { subscriptions: [stream('alive')] }, 2, later);
    const insights = serviceInsights(modelOf([shop('a'), sidecar('b', [{ service: 'stock' }])], late));
    expect(insights.get('shop')).toMatchObject({ creationTime: made, modificationTime: made });
    expect(insights.get('stock')).toMatchObject({ creationTime: made, modificationTime: later });
  });

  it('is the same object as long as nothing happened to the service', () => {
    const resources = [shop('a'), sidecar('b', [{ service: 'stock' }])];
    const context = contextOf(...resources);
    const before = advance(undefined, context, viewOf(), alive);
    const first = serviceInsights(before);
    const after = serviceInsights(advance(before, context, viewOf(connected('b')), alive));
    expect(after.get('shop')).toBe(first.get('shop'));
    expect(after.get('stock')).not.toBe(first.get('stock'));
  });
});
