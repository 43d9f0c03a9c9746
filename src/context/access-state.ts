import type { AccessState } from '../auth/identify.ts';
import type { Resource } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import type { MeshCache } from './mesh-cache.ts';
import { secretsOf } from './secret-reader.ts';

const none: ReadonlyMap<string, Resource> = new Map();

/** Reads what decides on callers from a tenant's global scope as it is held in memory, at the price of one read of its head. */
export function accessStates(read: MeshCache['read']): (tenant: TenantId) => Promise<AccessState> {
  return async (tenant) => {
    const context = await read(tenant, '');
    return {
      secrets: secretsOf(context),
      meshes: context.resources.get('Mesh') ?? none,
      roles: context.resources.get('AccessRole') ?? none,
      bindings: context.resources.get('AccessRoleBinding') ?? none,
    };
  };
}
