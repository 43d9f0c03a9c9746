import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { SecretValue } from '../model/secret-value.ts';
import type { TenantId } from '../model/tenant.ts';

/** What a Secret or GlobalSecret holds: base64, as Kuma's API writes it, and never printed by accident. */
export interface SecretSpec {
  readonly data: SecretValue;
}

/** The spec of a Secret with the given contents. */
export function secretSpec(contents: string | Uint8Array): SecretSpec {
  return { data: new SecretValue(Buffer.from(contents).toString('base64')) };
}

/**
 * The contents of a Secret or GlobalSecret; empty where it was stored without any.
 *
 * @throws KumulusError `internal` where the resource is no secret.
 */
export function secretData(resource: Resource): Buffer {
  const { spec } = resource;
  if (typeof spec !== 'object' || spec === null) {
    throw new KumulusError('internal', `${resource.type} ${resource.name} holds no secret`);
  }
  const data = 'data' in spec ? spec.data : undefined;
  return Buffer.from(data instanceof SecretValue ? data.reveal() : '', 'base64');
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
