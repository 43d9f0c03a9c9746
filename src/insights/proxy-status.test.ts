import { describe, expect, it } from 'vitest';
import { gateway, type InboundDraft, sidecar } from './insights.fixture.ts';
import { factsOf, type ProxyStatus, statusOf } from './proxy-status.ts';

const ready: InboundDraft = {};
const unready: InboundDraft = { state: 'NotReady' };
const unhealthy: InboundDraft = { health: { ready: false } };
const healthless: InboundDraft = { health: {} };
const healthy: InboundDraft = { health: { ready: true } };
const ignored: InboundDraft = { state: 'Ignored' };

describe('the status of a proxy', () => {
  const cases: readonly (readonly [string, readonly InboundDraft[], ProxyStatus])[] = [
    ['all of its inbounds are ready', [ready, healthy], 'online'],
    ['one of two is not ready', [ready, unready], 'partially_degraded'],
    ['one of two is not healthy', [unhealthy, healthy], 'partially_degraded'],
    ['one of two has a health that says nothing', [healthless, ready], 'partially_degraded'],
    ['none is ready', [unready, unhealthy], 'offline'],
    ['it has none', [], 'offline'],
    ['one is to be ignored', [ignored, ready], 'online'],
    ['all are to be ignored', [ignored], 'online'],
    ['what is left beside one to be ignored is not ready', [ignored, unready], 'partially_degraded'],
  ];
  it.each(cases)('where %s', (_, inbounds, status) => {
    const facts = factsOf(sidecar('a', inbounds));
    expect(statusOf(facts, true)).toBe(status);
    expect(statusOf(facts, false)).toBe('offline');
  });

  it.each([
    ['without inbounds', gateway('g', 'door', 'BUILTIN')],
    ['with one that is not ready', gateway('g', 'door', 'DELEGATED', [{ port: 80, state: 'NotReady' }])],
  ])('of a gateway %s is that of its stream', (_, dataplane) => {
    expect(statusOf(factsOf(dataplane), true)).toBe('online');
    expect(statusOf(factsOf(dataplane), false)).toBe('offline');
  });
});

describe('the parts that a proxy has in services', () => {
  const part = (service: string, type: string) => ({ service, type, zone: 'default' });

  it.each([
    [
      'an inbound each',
      sidecar('a', [{ service: 'x' }, { service: 'x' }, { service: 'y' }]),
      ['x', 'x', 'y'],
    ],
    ['none for what is to be ignored', sidecar('a', [{ service: 'x', ...ignored }, { service: 'y' }]), ['y']],
    ['none without a service', sidecar('a', [{ service: '' }]), []],
  ])('%s', (_, dataplane, services) => {
    expect(factsOf(dataplane).parts).toEqual(services.map((service) => part(service, 'internal')));
  });

  it.each([
    [undefined, 'gateway_delegated'],
    ['DELEGATED', 'gateway_delegated'],
    ['BUILTIN', 'gateway_builtin'],
  ] as const)('one for a gateway of type %s', (type, expected) => {
    expect(factsOf(gateway('g', 'door', type)).parts).toEqual([part('door', expected)]);
  });
});
