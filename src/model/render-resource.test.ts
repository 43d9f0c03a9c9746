import { expect, it } from 'vitest';
import { renderResource } from './render-resource.ts';
import { dataplaneType } from './types/dataplane.ts';
import { meshType } from './types/mesh.ts';
import { secretType } from './types/secret.ts';

const times = { creationTime: '2026-01-02T03:04:05Z', modificationTime: '2026-01-02T03:04:06Z', version: 3 };

it.each([
  [
    'a mesh, without a mesh or labels',
    meshType,
    { type: 'Mesh', mesh: '', name: 'm', labels: {}, spec: { routing: {} } },
    '{"type":"Mesh","name":"m","creationTime":"2026-01-02T03:04:05Z","modificationTime":"2026-01-02T03:04:06Z","kri":"kri_m____m_","routing":{}}',
  ],
  [
    'a secret, without a kri',
    secretType,
    { type: 'Secret', mesh: 'm', name: 's', labels: { a: 'b' }, spec: { data: 'eA==' } },
    '{"type":"Secret","mesh":"m","name":"s","creationTime":"2026-01-02T03:04:05Z","modificationTime":"2026-01-02T03:04:06Z","labels":{"a":"b"},"data":"eA=="}',
  ],
  [
    'a newer type, under spec',
    { ...dataplaneType, layout: 'spec' as const },
    { type: 'Dataplane', mesh: 'm', name: 'd', labels: {}, spec: { probes: {} } },
    '{"type":"Dataplane","mesh":"m","name":"d","creationTime":"2026-01-02T03:04:05Z","modificationTime":"2026-01-02T03:04:06Z","kri":"kri_dp_m___d_","spec":{"probes":{}}}',
  ],
])('renders %s', (_, type, resource, text) => {
  expect(JSON.stringify(renderResource(type, { ...resource, ...times }))).toBe(text);
});
