import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Compiler, ProxyInput } from '../../src/compile/compiler.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { createMeshCache, type MeshCache } from '../../src/context/mesh-cache.ts';
import type { MeshContext } from '../../src/context/mesh-context.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import { resourceTypes } from '../../src/policies/registry.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';
import { collectionOf, type DocumentSource, documentSource, documentsOf } from '../support/fuzz/documents.ts';
import { tried } from '../support/fuzz/settings.ts';
import { proxyInput } from './support/compile-fixture.ts';

let api: ApiFixture;
let source: DocumentSource;
let meshes: MeshCache;
/** As a relay has it: it holds what it made before. */
let compiler: Compiler;
let accepted = 0;

const dataplane = (name: string, labels: object, networking: object) => ({
  path: `/meshes/default/dataplanes/${name}`,
  body: { type: 'Dataplane', mesh: 'default', name, labels, networking },
});

const inbound = (port: number, service: string, protocol: string) => ({
  port,
  name: `port-${port}`,
  servicePort: port + 1_000,
  tags: { 'kuma.io/service': service, 'kuma.io/protocol': protocol, version: 'v2' },
});

/** Proxies of every kind, which the documents are mostly about. */
const proxies = [
  dataplane(
    'sidecar',
    { app: 'web' },
    {
      address: '10.0.0.1',
      inbound: [inbound(80, 'web', 'http'), inbound(81, 'web-admin', 'tcp')],
      outbound: [
        { port: 10_001, tags: { 'kuma.io/service': 'backend' } },
        { port: 10_002, backendRef: { kind: 'MeshService', name: 'example', port: 8080 } },
      ],
    },
  ),
  dataplane(
    'transparent',
    { app: 'backend' },
    {
      address: '10.0.0.2',
      inbound: [inbound(80, 'backend', 'http'), inbound(82, 'backend-v2', 'grpc')],
      transparentProxying: { redirectPortInbound: 15_006, redirectPortOutbound: 15_001 },
    },
  ),
  dataplane(
    'edge',
    {},
    { address: '10.0.0.3', gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'edge' } } },
  ),
  dataplane(
    'delegated',
    {},
    {
      address: '10.0.0.4',
      gateway: { type: 'DELEGATED', tags: { 'kuma.io/service': 'ingress' } },
      outbound: [{ port: 10_001, tags: { 'kuma.io/service': 'web' } }],
    },
  ),
];

const types = resourceTypes.filter(
  ({ readOnly, scope, name }) => !readOnly && (scope === 'Mesh' || name === 'Mesh'),
);

beforeAll(async () => {
  api = await createApiFixture(['default']);
  source = await documentSource(api);
  meshes = createMeshCache({ store: api.resources });
  compiler = createCompiler();
  for (const { path, body } of proxies) {
    expect((await api.request('PUT', path, { body })).status).toBe(201);
  }
  for (const type of types) {
    const written = await api.request('PUT', pathOf(type, 'example'), { body: source.exampleOf(type) });
    expect(written.status, written.text).toBe(201);
  }
});

afterAll(() => api.close());

function pathOf(type: ResourceType, name: string): string {
  return `${collectionOf(type)}/${name}`;
}

/** The version, which is a hash of its content, of every resource of a configuration. */
function versionsOf(input: ProxyInput, { compile }: Compiler): readonly string[] {
  return Object.entries(compile(input).snapshot.resources)
    .flatMap(([type, byName]) => [...byName].map(([name, { version }]) => `${type} ${name} ${version}`))
    .sort();
}

/** The relay configures every proxy of a mesh anew, and a relay that has just started comes to the same. */
function requireCompiles(context: MeshContext, sent: string): void {
  const fresh = createCompiler();
  for (const proxy of context.resources.get('Dataplane')?.values() ?? []) {
    const input = proxyInput(context, proxy);
    const versions: (readonly string[])[] = [];
    const words = `${proxy.name}, after ${sent}`;
    expect(() => versions.push(versionsOf(input, compiler), versionsOf(input, fresh)), words).not.toThrow();
    expect(versions[0], words).toEqual(versions[1]);
    expect(versions[0]?.length, words).toBeGreaterThan(0);
  }
}

/** The mesh `default` says what the document of a Mesh says, for its proxies are what there is to configure. */
function asWritten(type: ResourceType, document: unknown): object {
  return type.name === 'Mesh' ? { ...Object(document), name: 'default' } : Object(document);
}

async function requireSafe(type: ResourceType, document: unknown): Promise<void> {
  const body = asWritten(type, document);
  const name: unknown = Reflect.get(body, 'name');
  const path = pathOf(
    type,
    String(name)
      .replace(/[^a-z0-9.-]/g, 'x')
      .slice(0, 200),
  );
  const written = await api.request('PUT', path, { body });
  if (written.status < 300) {
    accepted += 1;
    const context = await meshes.read(api.tenant, 'default');
    requireCompiles(context, `${path} ${JSON.stringify(body)}`);
  }
}

describe('whatever the API takes, the relay makes configurations of', () => {
  it.each(types.map((type) => [type.name, type] as const))(
    '%s',
    async (_, type) => {
      const before = accepted;
      const documents = documentsOf(type, source);
      await fc.assert(
        fc.asyncProperty(documents, (document) => requireSafe(type, document)),
        tried(30),
      );
      expect(accepted).toBeGreaterThan(before);
    },
    600_000,
  );
});
