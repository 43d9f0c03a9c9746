import type { Resource } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import type { SecretView } from '../secrets/secret-data.ts';
import { createUserAuthentication, type UserAuthenticationOptions } from './authenticate-user.ts';
import type { Caller } from './loopback.ts';
import type { RequestAccess } from './request-access.ts';
import { adminAccess } from './roles/role-access.ts';
import { type AccessResources, compileRoles, type RolePolicy } from './roles/role-policy.ts';
import { adminUser, type User } from './user.ts';

/** What of a tenant decides on a caller and whether there is what they ask for, as of one moment; the maps are the same objects until one of them changes. */
export interface AccessState extends AccessResources {
  /** By name. */
  readonly meshes: ReadonlyMap<string, Resource>;
  /** The GlobalSecrets, with the keys of user tokens and the revoked ones. */
  readonly secrets: SecretView;
}

/** Who asks, and what they may do. */
export interface Identified {
  readonly user: User;
  readonly access: RequestAccess;
  /** The state that they were judged by. Where it took none to judge them, it is read now, once. */
  readonly state: () => Promise<AccessState>;
}

/**
 * Tells who asks and what they may do in a tenant, at the price of one read of the tenant's state; of none for who is an
 * administrator without a token.
 *
 * @throws KumulusError `unauthenticated`, in the reference's words, for a credential that is not good.
 */
export type Identify = (tenant: TenantId, caller: Caller) => Promise<Identified>;

export interface IdentificationOptions extends UserAuthenticationOptions {
  /** Reads a tenant's state as it is now. */
  readonly read: (tenant: TenantId) => Promise<AccessState>;
}

export function createIdentification(options: IdentificationOptions): Identify {
  const authenticate = createUserAuthentication(options);
  const policyOf = createPolicies();
  return async (tenant, caller) => {
    let reading: Promise<AccessState> | undefined;
    const state = () => {
      reading ??= options.read(tenant);
      return reading;
    };
    const user = await authenticate(tenant, caller, async () => (await state()).secrets);
    if (user === adminUser) return { user, access: adminAccess, state };
    return { user, access: policyOf(await state()).accessOf(user), state };
  };
}

/** Roles and bindings are made ready once for each version of them. */
function createPolicies(): (resources: AccessResources) => RolePolicy {
  type ByBindings = WeakMap<ReadonlyMap<string, Resource>, RolePolicy>;
  const compiled = new WeakMap<ReadonlyMap<string, Resource>, ByBindings>();
  return (resources) => {
    const byBindings: ByBindings = compiled.get(resources.roles) ?? new WeakMap();
    compiled.set(resources.roles, byBindings);
    const policy = byBindings.get(resources.bindings) ?? compileRoles(resources);
    byBindings.set(resources.bindings, policy);
    return policy;
  };
}
