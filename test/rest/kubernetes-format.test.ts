import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['acme']);
  const put = async (path: string, body: object) =>
    expect((await api.request('PUT', path, { body })).status).toBe(201);
  await put('/meshes/default/dataplanes/a', {
    type: 'Dataplane',
    mesh: 'default',
    name: 'a',
    labels: { team: 'red' },
    networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'x' } }] },
  });
  await put('/meshes/default/secrets/s', { type: 'Secret', mesh: 'default', name: 's', data: 'b25l' });
  await put('/globalsecrets/g', { type: 'GlobalSecret', name: 'g', data: 'b25l' });
});
afterAll(() => api?.close());

const creationTimestamp = '2026-01-01T00:00:00Z';

describe('resources in the form of Kubernetes', () => {
  it.each([
    [
      '/meshes/default/dataplanes/a?format=kubernetes&namespace=shop',
      {
        kind: 'Dataplane',
        apiVersion: 'kuma.io/v1alpha1',
        metadata: { name: 'a', namespace: 'shop', creationTimestamp, labels: { team: 'red' } },
        mesh: 'default',
        spec: {
          networking: {
            address: '10.0.0.1',
            inbound: [{ port: 80, tags: { 'kuma.io/service': 'x', 'kuma.io/zone': 'default' } }],
          },
        },
      },
    ],
    [
      '/meshes/default?format=k8s',
      {
        kind: 'Mesh',
        apiVersion: 'kuma.io/v1alpha1',
        metadata: { name: 'default', creationTimestamp },
        spec: {},
      },
    ],
    [
      '/meshes/default/meshretries/mesh-retry-all-default?format=k8s',
      {
        kind: 'MeshRetry',
        apiVersion: 'kuma.io/v1alpha1',
        metadata: {
          name: 'mesh-retry-all-default',
          namespace: 'kuma-system',
          creationTimestamp,
          labels: { 'kuma.io/mesh': 'default' },
        },
        spec: expect.objectContaining({ to: expect.anything() }),
      },
    ],
    [
      '/meshes/default/secrets/s?format=k8s',
      {
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: {
          name: 's',
          namespace: 'kuma-system',
          creationTimestamp,
          labels: { 'kuma.io/mesh': 'default' },
        },
        data: { value: 'b25l' },
        type: 'system.kuma.io/secret',
      },
    ],
    [
      '/globalsecrets/g?format=k8s',
      {
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: { name: 'g', namespace: 'kuma-system', creationTimestamp },
        data: { value: 'b25l' },
        type: 'system.kuma.io/global-secret',
      },
    ],
  ])('%s', async (path, expected) => {
    expect((await api.request('GET', path)).body).toEqual(expected);
  });

  it('refuses formats that there are not', async () => {
    const answer = await api.request('GET', '/meshes/default?format=xml');
    expect([answer.status, Object(answer.body).causes]).toEqual([
      400,
      [{ field: '', message: '"format" must be one of ["k8s", "kubernetes", "universal"]' }],
    ]);
  });
});
