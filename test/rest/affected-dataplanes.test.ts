import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceType } from '../../src/policies/registry.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

const mesh = '/meshes/default';
const sidecars = ['side-1', 'side-2'];
const proxies = ['door', 'edge', 'lost', ...sidecars];

let api: ApiFixture;

async function put(type: string, name: string, members: object): Promise<void> {
  const body = { type, mesh: 'default', name, ...members };
  const answer = await api.request('PUT', `${mesh}/${resourceType(type)?.path}/${name}`, { body });
  expect(answer).toMatchObject({ status: 201 });
}

async function affected(type: string, name: string): Promise<readonly unknown[]> {
  return api.names(
    await api.request('GET', `${mesh}/${resourceType(type)?.path}/${name}/_resources/dataplanes`),
  );
}

beforeAll(async () => {
  api = await createApiFixture(['default']);
  const networking = {
    'side-1': { inbound: [{ port: 80, tags: { 'kuma.io/service': 'shop', version: 'v1' } }] },
    'side-2': {
      inbound: [
        { port: 80, tags: { 'kuma.io/service': 'shop', version: 'v2' } },
        { port: 81, tags: { 'kuma.io/service': 'admin' } },
      ],
    },
    door: { gateway: { tags: { 'kuma.io/service': 'door', version: 'v2' } } },
    edge: { gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'edge', side: 'north' } } },
    lost: { gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'lost' } } },
  };
  for (const [name, members] of Object.entries(networking)) {
    await put('Dataplane', name, { networking: { address: '10.0.0.1', ...members } });
  }
  await put('MeshGateway', 'gate', {
    selectors: [{ match: { 'kuma.io/service': 'edge' } }],
    tags: { team: 'red' },
    conf: {
      listeners: ['a', 'b'].map((listener, position) => ({
        port: 8080 + position,
        protocol: 'HTTP',
        tags: { listener },
      })),
    },
  });
  await put('MeshGateway', 'less', {
    selectors: [{ match: { 'kuma.io/service': '*' } }],
    conf: { listeners: [{ port: 8080, protocol: 'HTTP' }] },
  });
  const routes = {
    second: { kind: 'MeshSubset', tags: { version: 'v2' } },
    gated: { kind: 'MeshGateway', name: 'gate', tags: { listener: 'b' } },
    whole: undefined,
  };
  for (const [name, targetRef] of Object.entries(routes)) {
    await put('MeshHTTPRoute', name, { spec: { ...(targetRef && { targetRef }), to: [] } });
  }
});

afterAll(() => api.close());

describe('the Dataplanes of a policy', () => {
  it.each([
    ['mesh', { kind: 'Mesh' }, proxies],
    ['gateways', { kind: 'Mesh', proxyTypes: ['Gateway'] }, ['door', 'edge', 'lost']],
    ['gateway-tags', { kind: 'MeshSubset', tags: { team: 'red' } }, ['edge']],
    ['edge', { kind: 'MeshService', name: 'edge' }, ['edge']],
    [
      'listener-a',
      { kind: 'MeshServiceSubset', name: 'edge', tags: { listener: 'a', side: 'north' } },
      ['edge'],
    ],
    ['gate', { kind: 'MeshGateway', name: 'gate' }, ['edge']],
    ['listener-b', { kind: 'MeshGateway', name: 'gate', tags: { listener: 'b' } }, ['edge']],
    ['listener-c', { kind: 'MeshGateway', name: 'gate', tags: { listener: 'c' } }, []],
    ['less', { kind: 'MeshGateway', name: 'less' }, ['lost']],
    ['no-gateway', { kind: 'MeshGateway', name: 'none' }, []],
    ['dataplanes', { kind: 'Dataplane' }, ['door', ...sidecars]],
    ['second-route', { kind: 'MeshHTTPRoute', name: 'second' }, ['door', 'side-2']],
    ['gated-route', { kind: 'MeshHTTPRoute', name: 'gated' }, ['edge']],
    ['whole-route', { kind: 'MeshHTTPRoute', name: 'whole' }, proxies],
    ['no-route', { kind: 'MeshHTTPRoute', name: 'none' }, []],
  ])('%s', async (name, targetRef, expected) => {
    const to = [{ targetRef: { kind: 'Mesh' }, default: { http: { requestTimeout: '1s' } } }];
    await put('MeshTimeout', name, { spec: { targetRef, to } });
    expect(await affected('MeshTimeout', name)).toEqual(expected);
  });

  it.each([
    ['second', ['door', 'side-2']],
    ['gated', ['edge']],
    ['whole', proxies],
  ])('the route %s', async (name, expected) => {
    expect(await affected('MeshHTTPRoute', name)).toEqual(expected);
  });

  it.each([
    [
      'TrafficTrace',
      {
        selectors: [
          { match: { 'kuma.io/service': 'admin' } },
          { match: { 'kuma.io/service': '*', side: 'north' } },
        ],
      },
      ['edge', 'side-2'],
    ],
    [
      'Timeout',
      {
        sources: [{ match: { 'kuma.io/service': 'door' } }],
        destinations: [{ match: { 'kuma.io/service': 'admin' } }],
        conf: { connectTimeout: '1s' },
      },
      ['door', 'side-2'],
    ],
    ['ProxyTemplate', { selectors: [{ match: { 'kuma.io/service': '*' } }], conf: {} }, proxies],
  ])('of the older kind: %s', async (type, members, expected) => {
    await put(type, 'old', members);
    expect(await affected(type, 'old')).toEqual(expected);
  });
});
