import { parseAllDocuments } from 'yaml';
import type { CompiledProxy, Compiler, ProxyInput } from '../../../src/compile/compiler.ts';
import { contextOf } from '../../../src/context/apply.ts';
import type { MeshContext } from '../../../src/context/mesh-context.ts';
import { parseResource } from '../../../src/model/parse-resource.ts';
import type { ProxyMetadata } from '../../../src/model/proxy-metadata.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { SecretValue } from '../../../src/model/secret-value.ts';
import { dataplaneSchema } from '../../../src/model/types/dataplane.ts';
import { meshSchema } from '../../../src/model/types/mesh.ts';
import { prepareWrite } from '../../../src/model/write-resource.ts';
import { defaultPolicies } from '../../../src/policies/defaults.ts';
import { resourceType } from '../../../src/policies/registry.ts';

const time = '2024-01-01T00:00:00Z';

/** Meshes made from the documents of a file, as the control plane would make them. */
export interface Meshes {
  /** The context of each mesh, by name. */
  readonly contexts: ReadonlyMap<string, MeshContext>;
  readonly dataplanes: readonly Resource[];
}

/** Reads resources as they are put, one document each; documents of types that are not known are left out. */
export function readMeshes(text: string): Meshes {
  const documents = parseAllDocuments(text).map((document): unknown => document.toJS());
  const resources = documents.flatMap((document) => writable(document) ?? []);
  const meshes = new Map([['default', plainMesh('default')]]);
  for (const resource of resources.filter(({ type }) => type === 'Mesh')) {
    meshes.set(resource.name, resource);
  }
  const contexts = new Map(
    [...meshes.values()].map((mesh) => [
      mesh.name,
      meshContext(1, mesh, [
        ...defaultPolicies(mesh.name, skippedPolicies(mesh)).map((policy) => stored(policy)),
        ...resources.filter((resource) => resource.mesh === mesh.name),
      ]),
    ]),
  );
  return { contexts, dataplanes: resources.filter(({ type }) => type === 'Dataplane') };
}

function skippedPolicies({ spec }: Resource): readonly string[] {
  return meshSchema.parse(spec).skipCreatingInitialPolicies ?? [];
}

/** A context with these resources. */
export function meshContext(revision: number, mesh: Resource, resources: readonly Resource[]): MeshContext {
  return contextOf(mesh.name, { revision, resources: [mesh, ...resources] });
}

/** A resource from a document as it is put; undefined where its type is not known. */
export function writable(document: unknown): Resource | undefined {
  const { type: typeName, mesh = '', name } = Object(document);
  const type = resourceType(String(typeName));
  if (type === undefined) {
    return undefined;
  }
  const parsed = parseResource(type, document, { mesh: String(mesh), name: String(name) });
  return stored(prepareWrite(type, parsed, undefined, { zone: 'default' }));
}

/** A Mesh that says nothing. */
export function plainMesh(name: string): Resource {
  return stored({ type: 'Mesh', mesh: '', name, labels: {}, spec: {} });
}

export function stored(resource: Pick<Resource, 'type' | 'mesh' | 'name' | 'labels' | 'spec'>): Resource {
  return { ...resource, creationTime: time, modificationTime: time, version: 1 };
}

const admin = { certificate: 'certificate', key: new SecretValue('key'), clientCa: 'client authority' };

/** A proxy that tells of itself what `kuma-dp` tells on a plain machine. */
export function proxyInput(context: MeshContext, dataplane: Resource, adminPort = 9901): ProxyInput {
  return {
    context,
    dataplane,
    metadata: metadata(adminPort),
    admin,
    identity: {
      certificateChain: `chain of ${dataplane.name}`,
      key: new SecretValue('key'),
      trustedCa: `authority of ${context.mesh}`,
      id: `${context.mesh} ${dataplane.name}`,
    },
  };
}

const known = new Map<number, ProxyMetadata>();

function metadata(adminPort: number): ProxyMetadata {
  const made = known.get(adminPort) ?? {
    proxyType: 'dataplane',
    adminAddress: '127.0.0.1',
    adminPort,
    dnsPort: 15054,
    readinessPort: 9902,
    workdir: '/tmp/kuma-dp',
    features: new Set([
      'feature-tcp-accesslog-via-named-pipe',
      'feature-readiness-unix-socket',
      'feature-strict-inbound-ports',
      'feature-reuse-port',
    ]),
    systemCaPath: '',
    ipv6Enabled: true,
    metricsCertPath: '',
    metricsKeyPath: '',
    spireSocketPath: '',
    transparentProxy: undefined,
    version: undefined,
    dynamicMetadata: {},
  };
  known.set(adminPort, made);
  return made;
}

/** Compiles every Dataplane of the meshes; the keys are `<mesh>.<name>`. */
export function compileAll(
  { contexts, dataplanes }: Meshes,
  compilerOf: (mesh: string) => Compiler,
  adminPort?: number,
): ReadonlyMap<string, CompiledProxy> {
  return new Map(
    dataplanes.flatMap((dataplane) => {
      const context = contexts.get(dataplane.mesh);
      const own = dataplaneSchema.parse(dataplane.spec).networking?.admin?.port ?? adminPort;
      return context === undefined
        ? []
        : [
            [
              `${dataplane.mesh}.${dataplane.name}`,
              compilerOf(dataplane.mesh).compile(proxyInput(context, dataplane, own)),
            ] as const,
          ];
    }),
  );
}
