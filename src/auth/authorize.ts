import type { Resource } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Authorize } from './request-access.ts';
import { type AccessResources, compileRoles, type RolePolicy } from './roles/role-policy.ts';

/** Reads a tenant's roles and bindings as they are now; the maps are the same objects until one of them changes. */
export type ReadAccessResources = (tenant: TenantId) => Promise<AccessResources>;

/** Decides by the AccessRoles and AccessRoleBindings of the tenant, which are made ready once for each version. */
export function createAuthorization(read: ReadAccessResources): Authorize {
  const compiled = new WeakMap<
    ReadonlyMap<string, Resource>,
    WeakMap<ReadonlyMap<string, Resource>, RolePolicy>
  >();

  function policyOf(resources: AccessResources): RolePolicy {
    const byBindings =
      compiled.get(resources.roles) ?? new WeakMap<ReadonlyMap<string, Resource>, RolePolicy>();
    compiled.set(resources.roles, byBindings);
    const policy = byBindings.get(resources.bindings) ?? compileRoles(resources);
    byBindings.set(resources.bindings, policy);
    return policy;
  }

  return async (tenant, user) => policyOf(await read(tenant)).accessOf(user);
}
