import type { TenantId } from '../model/tenant.ts';
import type { SecretReader } from '../secrets/secret-data.ts';
import type { MeshContext } from './mesh-context.ts';

/**
 * Reads secrets from the contexts that somebody holds, so that judging a token costs no call to the table: a relay from
 * the meshes of its proxies, the API from its cache. The empty mesh name stands for the tenant's global scope.
 */
export function secretReader(read: (tenant: TenantId, mesh: string) => Promise<MeshContext>): SecretReader {
  const secretsOf = async (tenant: TenantId, mesh: string) =>
    (await read(tenant, mesh)).resources.get(mesh === '' ? 'GlobalSecret' : 'Secret');
  return {
    get: async (tenant, mesh, name) => (await secretsOf(tenant, mesh))?.get(name),
    list: async (tenant, mesh, prefix) =>
      [...((await secretsOf(tenant, mesh))?.values() ?? [])].filter(({ name }) => name.startsWith(prefix)),
  };
}
