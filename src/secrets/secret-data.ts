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

/**
 * Secrets as the caller may read them: those of a mesh, and under the empty mesh name the GlobalSecrets. A relay answers
 * from the meshes that it holds, the API from the store.
 */
export interface SecretReader {
  get(tenant: TenantId, mesh: string, name: string): Promise<Resource | undefined>;
  /** Those whose names start with `prefix`, in any order. */
  list(tenant: TenantId, mesh: string, prefix: string): Promise<readonly Resource[]>;
}
