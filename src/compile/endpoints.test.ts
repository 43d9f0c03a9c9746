import { describe, expect, it } from 'vitest';
import type { ServiceInstance } from '../context/mesh-context.ts';
import { toEnvoyJson } from '../envoy/json.ts';
import type { ProxyOutbound } from '../match/proxy.ts';
import { createWeakCache } from '../match/weak-cache.ts';
import { createEndpoints } from './endpoints.ts';
import type { EncodedResource } from './snapshot.ts';

function instance(address: string, tags: Readonly<Record<string, string>>, ready = true): ServiceInstance {
  return { dataplane: address, address, port: 80, tags: { 'kuma.io/service': 's', ...tags }, ready };
}

function outbound(tags: Readonly<Record<string, string>> = {}): ProxyOutbound {
  return {
    address: '127.0.0.1',
    port: 1,
    service: 's',
    tags: { 'kuma.io/service': 's', ...tags },
  };
}

const instances = [
  instance('10.0.0.3', { 'kuma.io/zone': 'west' }),
  instance('10.0.0.10', { 'kuma.io/zone': 'east', version: 'v1' }),
  instance('10.0.0.2', { 'kuma.io/zone': 'east', version: 'v2' }),
  instance('10.0.0.1', {}),
  instance('10.0.0.9', { 'kuma.io/zone': 'north' }, false),
];

/** The addresses of each zone, in the order in which they are sent. */
function zones(tags: Readonly<Record<string, string>>, list: readonly ServiceInstance[] | undefined) {
  const endpoints = createEndpoints(createWeakCache<EncodedResource>());
  const json = Object(toEnvoyJson(endpoints.assignmentFor(outbound(tags), list).any));
  return (json.endpoints ?? []).map((zone: { locality?: { zone: string }; lbEndpoints: unknown[] }) => [
    zone.locality?.zone,
    ...zone.lbEndpoints.map((one) => Object(one).endpoint.address.socketAddress.address),
  ]);
}

describe('load assignments', () => {
  it.each([
    ['of nobody', {}, undefined, []],
    ['of none that is ready', {}, instances.slice(4), []],
    [
      'of all that are ready, by zone and address',
      {},
      instances,
      [
        [undefined, '10.0.0.1'],
        ['east', '10.0.0.10', '10.0.0.2'],
        ['west', '10.0.0.3'],
      ],
    ],
    ['of a part', { version: 'v2' }, instances, [['east', '10.0.0.2']]],
    ['of no part', { version: 'v3' }, instances, []],
  ])('%s', (_, tags, list, expected) => {
    expect(zones(tags, list)).toEqual(expected);
  });

  it('are made once for a list of instances and a cluster', () => {
    const endpoints = createEndpoints(createWeakCache<EncodedResource>());
    const first = endpoints.assignmentFor(outbound(), instances);
    expect(endpoints.assignmentFor(outbound(), instances)).toBe(first);
    expect(endpoints.assignmentFor(outbound({ version: 'v1' }), instances)).not.toBe(first);
    expect(endpoints.assignmentFor(outbound(), [...instances])).not.toBe(first);
    expect(endpoints.assignmentFor(outbound(), [...instances]).version).toBe(first.version);
  });
});
