import { describe, expect, it } from 'vitest';
import type { Resource } from '../model/resource.ts';
import { builtinGatewayOf } from './builtin-gateway.ts';
import { proxyOf } from './proxy.ts';

const tags = { 'kuma.io/service': 'edge', side: 'north' };

function resource(name: string, spec: unknown, more: Partial<Resource> = {}): Resource {
  const times = { creationTime: '2024-01-01T00:00:00.000Z', modificationTime: '', version: 1 };
  return { type: 'MeshGateway', mesh: 'm', name, labels: {}, spec, ...times, ...more };
}

function gateway(name: string, match: Record<string, string> | undefined, more: Partial<Resource> = {}) {
  const selectors = match === undefined ? [] : [{ match }];
  return resource(name, { selectors, conf: { listeners: [{ port: 80 }] } }, more);
}

function found(gateways: readonly Resource[], type = 'BUILTIN', labels: Record<string, string> = {}) {
  const spec = { networking: { address: '10.0.0.1', gateway: { type, tags } } };
  const proxy = proxyOf(resource('proxy', spec, { type: 'Dataplane', labels }));
  return builtinGatewayOf(proxy, new Map(gateways.map((one) => [one.name, one])));
}

describe('builtinGatewayOf', () => {
  it.each<readonly [string, readonly Resource[], string | undefined]>([
    ['none of none', [], undefined],
    ['none that does not match', [gateway('a', { 'kuma.io/service': 'shop' })], undefined],
    ['one without selectors', [gateway('a', undefined)], 'a'],
    ['the one with more tags', [gateway('a', { side: 'north' }), gateway('b', { ...tags, side: '*' })], 'b'],
    ['the one with more exact tags', [gateway('a', { ...tags, side: '*' }), gateway('b', tags)], 'b'],
    [
      'the newest of equals',
      [gateway('a', tags), gateway('b', tags, { creationTime: '2024-01-02T00:00:00.000Z' })],
      'b',
    ],
    ['the first name of twins', [gateway('b', tags), gateway('a', tags)], 'a'],
    ['none that cannot be read', [resource('a', { selectors: 5 })], undefined],
  ])('finds %s', (_, gateways, name) => {
    expect(found(gateways)?.name).toBe(name);
  });

  it('finds none for other proxies', () => {
    expect(found([gateway('a', undefined)], 'DELEGATED')).toBeUndefined();
  });

  it.each([
    [{}, 'a'],
    [{ 'kuma.io/zone': 'east' }, 'a'],
    [{ 'kuma.io/zone': 'west' }, undefined],
  ])('keeps those of a zone within it: %j', (labels, name) => {
    const east = { 'kuma.io/origin': 'zone', 'kuma.io/zone': 'east' };
    expect(found([gateway('a', tags, { labels: east })], 'BUILTIN', labels)?.name).toBe(name);
  });

  it('adds the tags of proxy, gateway and listener up', () => {
    const listeners = [{ port: 80, tags: { side: 'south' } }, { port: 81 }];
    const spec = { selectors: [{ match: tags }], tags: { team: 'red' }, conf: { listeners } };
    expect(found([resource('a', spec)])?.listeners).toEqual([
      { ...tags, team: 'red', side: 'south' },
      { ...tags, team: 'red' },
    ]);
  });
});
