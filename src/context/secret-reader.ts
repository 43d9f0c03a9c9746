import type { TenantId } from '../model/tenant.ts';
import { type SecretReader, type SecretView, secretView } from '../secrets/secret-data.ts';
import type { MeshContext } from './mesh-context.ts';

/**
 * Reads secrets from the contexts that somebody holds, so that judging a token costs no call to the table: a relay from
 * the meshes of its proxies, the API from its cache. The empty mesh name stands for the tenant's global scope.
 */
export function secretReader(read: (tenant: TenantId, mesh: string) => Promise<MeshContext>): SecretReader {
  return { read: async (tenant, mesh) => secretsOf(await read(tenant, mesh)) };
}

/** The secrets of a context. */
export function secretsOf({ mesh, resources }: MeshContext): SecretView {
  return secretView(resources.get(mesh === '' ? 'GlobalSecret' : 'Secret'));
}
