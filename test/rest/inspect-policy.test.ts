import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;

async function put(path: string, type: string, content: object): Promise<void> {
  const name = path.split('/')[1];
  const body = { type, mesh: 'default', name, ...content };
  const { status, text } = await api.request('PUT', `/meshes/default/${path}`, { body });
  expect([path, status, text]).toEqual([path, 201, expect.anything()]);
}

function timeout(targetRef: object, labels = {}) {
  const to = [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '3s' } }];
  return { labels, spec: { targetRef, to } };
}

function proxy(service: string, gateway?: object) {
  const tags = { 'kuma.io/service': service };
  return {
    networking: {
      address: '10.0.0.1',
      ...(gateway === undefined ? { inbound: [{ port: 80, tags }] } : { gateway: { ...gateway, tags } }),
    },
  };
}

beforeAll(async () => {
  api = await createApiFixture(['default']);
  await put('dataplanes/web', 'Dataplane', proxy('web'));
  await put('dataplanes/delegated', 'Dataplane', proxy('delegated', {}));
  await put('dataplanes/edge', 'Dataplane', proxy('edge', { type: 'BUILTIN' }));
  await put('dataplanes/other-edge', 'Dataplane', proxy('other-edge', { type: 'BUILTIN' }));
  await put('meshgateways/edge', 'MeshGateway', {
    selectors: [{ match: { 'kuma.io/service': 'edge' } }],
    conf: { listeners: [{ port: 80, protocol: 'HTTP' }] },
  });
  await put('meshtimeouts/all', 'MeshTimeout', timeout({ kind: 'Mesh' }));
  await put('meshtimeouts/one', 'MeshTimeout', timeout({ kind: 'Dataplane', name: 'web' }));
  await put('meshtimeouts/shadow', 'MeshTimeout', timeout({ kind: 'Mesh' }, { 'kuma.io/effect': 'shadow' }));
  await put('meshtimeouts/gateway', 'MeshTimeout', timeout({ kind: 'MeshGateway', name: 'edge' }));
});
afterAll(() => api.close());

function sidecar(name: string) {
  return {
    kind: 'SidecarDataplane',
    dataplane: { mesh: 'default', name },
    attachments: [{ type: 'dataplane' }],
  };
}

describe('GET …/dataplanes of a policy or a gateway', () => {
  it.each([
    ['meshtimeouts/all', [sidecar('delegated'), sidecar('web')]],
    ['meshtimeouts/one', [sidecar('web')]],
    ['meshtimeouts/shadow', []],
    ['meshtimeouts/gateway', []],
    ['meshtimeouts/nothing', []],
    ['meshgateways/edge', [{ dataplane: { mesh: 'default', name: 'edge' } }]],
  ])('of %s', async (path, items) => {
    const { status, body } = await api.request('GET', `/meshes/default/${path}/dataplanes`);
    expect([status, body]).toEqual([200, { total: items.length, items }]);
  });

  it.each([
    ['/meshes/nothing/meshtimeouts/all/dataplanes', 'Could not list Dataplanes'],
    ['/meshes/nothing/meshgateways/edge/dataplanes', 'Could not build mesh context'],
    ['/meshes/default/meshgateways/nothing/dataplanes', 'Could not find MeshGateway'],
  ])('of what is not there: %s', async (path, title) => {
    const { status, body } = await api.request('GET', path);
    expect([status, body]).toMatchObject([404, { title, detail: 'Not found' }]);
  });

  it('is nothing that other types have', async () => {
    for (const path of ['external-services/a', 'virtual-outbounds/a', 'secrets/a']) {
      const { status, text } = await api.request('GET', `/meshes/default/${path}/dataplanes`);
      expect([status, text]).toEqual([404, '404: Page Not Found']);
    }
  });
});
