import { expect, it } from 'vitest';
import type { DataplaneSpec, Inbound } from '../../model/types/dataplane.ts';
import { podWith, serviceWith } from './objects.fixture.ts';
import { outboundsOfPod } from './outbounds.ts';

function proxy(address: string, ...inbound: Inbound[]): DataplaneSpec {
  return { networking: { address, inbound } };
}

function of(service: string, port: number, more: Partial<Inbound> = {}): Inbound {
  return { port, ...more, tags: { 'kuma.io/service': service, ...more.tags } };
}

const web = serviceWith({ clusterIP: '10.9.0.2' }, { name: 'web' });
const stored = serviceWith({ clusterIP: 'None' }, { name: 'stored' });

function outbounds(otherDataplanes: readonly DataplaneSpec[], reachable: readonly string[] = []) {
  return outboundsOfPod(podWith(), reachable, { otherDataplanes, otherServices: [web, stored] });
}

it('are the services of other proxies at their addresses, each once, in the order of names', () => {
  const proxies = [
    proxy('10.1.0.1', of('web_shop_svc_81', 8081), of('web_shop_svc_80', 8080)),
    proxy('10.1.0.2', of('web_shop_svc_80', 8080)),
  ];
  expect(outbounds(proxies)).toEqual([
    { address: '10.9.0.2', port: 80, tags: { 'kuma.io/service': 'web_shop_svc_80' } },
    { address: '10.9.0.2', port: 81, tags: { 'kuma.io/service': 'web_shop_svc_81' } },
  ]);
});

it('of a headless service are its pods, but for the pod itself', () => {
  const tags = { 'kuma.io/instance': 'stored-0' };
  const proxies = [
    proxy('10.1.0.1', of('stored_shop_svc_90', 9090, { tags })),
    proxy('10.1.0.2', of('stored_shop_svc_90', 9091, { address: '10.2.0.2' })),
    proxy('10.1.0.7', of('stored_shop_svc_90', 9090)),
  ];
  expect(outbounds(proxies)).toEqual([
    { address: '10.1.0.1', port: 9090, tags: { 'kuma.io/service': 'stored_shop_svc_90', ...tags } },
    {
      address: '10.2.0.2',
      port: 9091,
      tags: { 'kuma.io/service': 'stored_shop_svc_90', 'kuma.io/instance': '' },
    },
  ]);
});

it('are those that the pod consumes, where it says so', () => {
  const proxies = [proxy('10.1.0.1', of('web_shop_svc_81', 8081), of('web_shop_svc_80', 8080))];
  expect(outbounds(proxies, ['web_shop_svc_81', 'other'])).toMatchObject([{ port: 81 }]);
});

it.each([
  ['that is not told', of('gone_shop_svc_80', 80)],
  ['of another namespace', of('web_other_svc_80', 80)],
  ['of a pod without a service', of('web_shop_svc', 49_151)],
  ['on the port for those', of('web_shop_svc_49151', 49_151)],
  ['that ignores the pod', of('web_shop_svc_80', 80, { state: 'Ignored' })],
  ['of another platform', of('web', 80)],
  ['with more parts', of('web_shop_svc_80_x', 80)],
  ['with a port that is none', of('web_shop_svc_http', 80)],
  ['without a tag', { port: 80, tags: {} }],
])('leaves out a service %s', (_, inbound) => {
  expect(outbounds([proxy('10.1.0.1', inbound)])).toEqual([]);
});

it('leaves out names outside of the cluster', () => {
  const otherServices = [serviceWith({ type: 'ExternalName' }, { name: 'web' })];
  const otherDataplanes = [proxy('10.1.0.1', of('web_shop_svc_80', 80))];
  expect(outboundsOfPod(podWith(), [], { otherDataplanes, otherServices })).toEqual([]);
});
