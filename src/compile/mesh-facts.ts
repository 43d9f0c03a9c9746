import type { MeshContext } from '../context/mesh-context.ts';
import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { meshSchema } from '../model/types/mesh.ts';

/** What of a Mesh goes into the configuration of its proxies. */
export interface MeshFacts {
  readonly name: string;
  /** Absent while no authority is enabled. */
  readonly mtls?: { readonly mode: 'STRICT' | 'PERMISSIVE' };
  /** A text that stands for all of the above. */
  readonly key: string;
}

const known = new WeakMap<Resource, MeshFacts>();

/**
 * What the context's Mesh says; read once a resource.
 *
 * @throws KumulusError `not_found` where the context has no Mesh: without it nobody knows whether traffic must be
 *   encrypted. `invalid` where it cannot be read.
 */
export function meshFacts({ mesh, resources }: MeshContext): MeshFacts {
  const resource = resources.get('Mesh')?.get(mesh);
  if (resource === undefined) {
    throw new KumulusError('not_found', `there is no Mesh ${mesh}`);
  }
  let facts = known.get(resource);
  if (facts === undefined) {
    facts = read(resource);
    known.set(resource, facts);
  }
  return facts;
}

/** Whether a service is spoken to with the mesh's TLS: while the authority is permissive, only once all of it is ready. */
export function usesTls(
  { mtls }: MeshFacts,
  ready: ReadonlySet<string> | undefined,
  service: string,
): boolean {
  return mtls?.mode === 'STRICT' || (mtls !== undefined && ready?.has(service) === true);
}

function read({ name, spec }: Resource): MeshFacts {
  const result = meshSchema.safeParse(spec);
  if (!result.success) {
    throw new KumulusError('invalid', `the Mesh ${name} cannot be read`, { cause: result.error });
  }
  const { enabledBackend, backends = [] } = result.data.mtls ?? {};
  const backend =
    enabledBackend === undefined ? undefined : backends.find((one) => one.name === enabledBackend);
  const mode = backend?.mode ?? 'STRICT';
  return {
    name,
    ...(enabledBackend === undefined ? {} : { mtls: { mode } }),
    key: `${name} ${enabledBackend === undefined ? 'plain' : mode}`,
  };
}
