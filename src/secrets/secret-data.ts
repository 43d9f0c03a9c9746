import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { SecretValue } from '../model/secret-value.ts';
import type { TenantId } from '../model/tenant.ts';

/** What the store holds for a Secret or GlobalSecret: base64, as Kuma's API writes it, that does not print. */
export interface SecretSpec {
  readonly data: SecretValue;
}

/** The spec of a Secret with the given contents. */
export function secretSpec(contents: string | Uint8Array): SecretSpec {
  return { data: new SecretValue(Buffer.from(contents).toString('base64')) };
}

/**
 * The contents of a Secret or GlobalSecret.
 *
 * @throws KumulusError `internal` where the resource is no secret.
 */
export function secretData(resource: Resource): Buffer {
  const { type, name, spec } = resource;
  const data = typeof spec === 'object' && spec !== null && 'data' in spec ? spec.data : undefined;
  if (!(data instanceof SecretValue)) throw new KumulusError('internal', `${type} ${name} holds no secret`);
  return Buffer.from(data.reveal(), 'base64');
}

/** The secrets of a mesh, or the GlobalSecrets of a tenant, as of one moment. */
export interface SecretView {
  get(name: string): Resource | undefined;
  /** Those whose names start with `prefix`, in any order. */
  list(prefix: string): readonly Resource[];
}

/** Where secrets are read. A relay answers from the meshes that it holds, the API from its cache. */
export interface SecretReader {
  /** The secrets of a mesh as they are now; under the empty name the GlobalSecrets. */
  read(tenant: TenantId, mesh: string): Promise<SecretView>;
}

const nothing: ReadonlyMap<string, Resource> = new Map();

/** The view of secrets that are held by name. */
export function secretView(secrets: ReadonlyMap<string, Resource> = nothing): SecretView {
  return {
    get: (name) => secrets.get(name),
    list: (prefix) => [...secrets.values()].filter(({ name }) => name.startsWith(prefix)),
  };
}
