import type { ReadAccessResources } from '../auth/authorize.ts';
import type { Resource } from '../model/resource.ts';
import type { MeshCache } from './mesh-cache.ts';

const none: ReadonlyMap<string, Resource> = new Map();

/** Reads the roles of a tenant from its global scope as it is held in memory, at the price of one read of its head. */
export function accessResources(read: MeshCache['read']): ReadAccessResources {
  return async (tenant) => {
    const { resources } = await read(tenant, '');
    return {
      roles: resources.get('AccessRole') ?? none,
      bindings: resources.get('AccessRoleBinding') ?? none,
    };
  };
}
