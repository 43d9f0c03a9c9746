import { KumulusError } from '../model/errors.ts';
import type { ResourceType } from '../model/resource-type.ts';

/** Who asks. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Kuma's administrator: callers from the machine itself, and whoever is in the group of that name. */
export const adminName = 'mesh-system:admin';
/** The group of everybody who proved who they are. */
const authenticatedGroup = 'mesh-system:authenticated';

export const adminUser: User = { name: adminName, groups: [adminName, authenticatedGroup] };
export const anonymousUser: User = { name: 'mesh-system:anonymous', groups: ['mesh-system:unauthenticated'] };

export function isAdmin(user: User): boolean {
  return user.name === adminName || user.groups.includes(adminName);
}

function denied(user: User, what: string): KumulusError {
  const who = `${user.name}/${user.groups.join(',')}`;
  return new KumulusError('forbidden', `user ${JSON.stringify(who)} cannot access ${what}`);
}

/**
 * Kuma's static access rules: secrets and tokens are for administrators.
 *
 * @param what in the reference's words, such as `generate dataplane token`.
 * @throws KumulusError `forbidden`
 */
export function requireAdmin(user: User, what: string): void {
  if (!isAdmin(user)) {
    throw denied(user, what);
  }
}

/** What a deployment lets callers do who do not say who they are. */
export interface AnonymousAccess {
  /** As in the reference; secrets excepted. */
  readonly read: boolean;
}

/** @throws KumulusError `forbidden` where the user may not read resources of the type. */
export function requireRead(user: User, type: ResourceType, anonymous: AnonymousAccess): void {
  if (type.secret) {
    requireAdmin(user, `the resource of type ${JSON.stringify(type.name)}`);
  }
  if (!anonymous.read && user.name === anonymousUser.name) {
    throw denied(user, `the resource of type ${JSON.stringify(type.name)}`);
  }
}

/** @throws KumulusError `forbidden` where the user may not write resources of the type; nobody may anonymously. */
export function requireWrite(user: User, type: ResourceType): void {
  if (type.secret || user.name === anonymousUser.name) {
    requireAdmin(user, `the resource of type ${JSON.stringify(type.name)}`);
  }
}
