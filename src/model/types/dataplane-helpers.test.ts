import { describe, expect, it } from 'vitest';
import * as helpers from './dataplane-helpers.ts';
import type { DataplaneSpec } from './dataplane-schema.ts';

const sidecar: DataplaneSpec = {
  networking: {
    address: '10.0.0.1',
    inbound: [
      { port: 80, tags: { 'kuma.io/service': 'web', 'kuma.io/protocol': 'HTTP2' } },
      {
        port: 81,
        address: '10.0.0.2',
        serviceAddress: '127.0.0.1',
        servicePort: 8081,
        name: 'api',
        tags: { 'kuma.io/service': 'api' },
      },
      { port: 82, state: 'NotReady', tags: { 'kuma.io/service': 'api' } },
    ],
    outbound: [{ port: 1000 }, { port: 1001, address: '10.9.9.9' }],
    admin: { port: 9901 },
  },
};
const gateway: DataplaneSpec = {
  networking: {
    address: 'gw',
    advertisedAddress: '192.0.2.1',
    gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'gw' } },
  },
};

it('works out where inbounds listen and lead to', () => {
  const interfaces = helpers.inboundsOf(sidecar).map((inbound) => helpers.inboundInterface(sidecar, inbound));
  expect(interfaces).toEqual([
    {
      address: '10.0.0.1',
      port: 80,
      advertisedAddress: '10.0.0.1',
      workloadAddress: '10.0.0.1',
      workloadPort: 80,
      sectionName: '80',
    },
    {
      address: '10.0.0.2',
      port: 81,
      advertisedAddress: '10.0.0.2',
      workloadAddress: '127.0.0.1',
      workloadPort: 8081,
      sectionName: 'api',
    },
    {
      address: '10.0.0.1',
      port: 82,
      advertisedAddress: '10.0.0.1',
      workloadAddress: '10.0.0.1',
      workloadPort: 82,
      sectionName: '82',
    },
  ]);
});

it('advertises the address that it is told to', () => {
  const advertised = { networking: { ...sidecar.networking, advertisedAddress: '192.0.2.1' } };
  expect(helpers.inboundInterface(advertised, { port: 80 }).advertisedAddress).toBe('192.0.2.1');
  expect([sidecar, gateway, {}].map(helpers.addressOf)).toEqual(['10.0.0.1', '192.0.2.1', '']);
});

it('lets outbounds listen at the loopback address', () => {
  expect(helpers.outboundsOf(sidecar).map(helpers.outboundInterface)).toEqual([
    { address: '127.0.0.1', port: 1000 },
    { address: '10.9.9.9', port: 1001 },
  ]);
});

it('knows services, protocols and kinds of proxies', () => {
  expect(helpers.servicesOf(sidecar)).toEqual(['api', 'web']);
  expect([sidecar, gateway, {}].map(helpers.identifyingServiceOf)).toEqual(['api', 'gw', 'unknown']);
  expect(helpers.inboundsOf(sidecar).map(helpers.protocolOf)).toEqual(['http2', 'unknown', 'unknown']);
  const delegated = { networking: { gateway: {} } };
  expect([sidecar, gateway, delegated].map(helpers.gatewayTypeOf)).toEqual([
    undefined,
    'BUILTIN',
    'DELEGATED',
  ]);
  expect([sidecar, gateway, delegated].map(helpers.proxyTypeOf)).toEqual(['sidecar', 'gateway', 'sidecar']);
  expect([sidecar, gateway].map(helpers.adminPortOf)).toEqual([9901, undefined]);
});

it.each([
  [{}, true],
  [{ state: 'NotReady' as const }, false],
  [{ state: 'Ignored' as const }, false],
  [{ health: {} }, false],
  [{ health: { ready: true } }, true],
])('tells whether the inbound %j is ready: %s', (inbound, ready) => {
  expect(helpers.isReady(inbound)).toBe(ready);
});

describe('normaliseZone', () => {
  it('overwrites the zone of inbounds and gateway, in the order of names', () => {
    const claimed = {
      networking: { inbound: [{ port: 1, tags: { 'kuma.io/zone': 'west', z: '1', a: '2' } }], gateway: {} },
    };
    expect(JSON.stringify(helpers.normaliseZone(claimed, 'east'))).toBe(
      '{"networking":{"inbound":[{"port":1,"tags":{"a":"2","kuma.io/zone":"east","z":"1"}}],"gateway":{"tags":{"kuma.io/zone":"east"}}}}',
    );
  });

  it('leaves alone what has none', () => {
    expect(helpers.normaliseZone({}, 'east')).toEqual({});
    expect(helpers.normaliseZone({ networking: { address: 'a' } }, 'east')).toEqual({
      networking: { address: 'a' },
    });
  });
});
