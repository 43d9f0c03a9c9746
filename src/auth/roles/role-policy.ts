import type { Resource } from '../../model/resource.ts';
import type { AccessKind } from '../../model/types/access-role/schema.ts';
import { accessRoleSchema } from '../../model/types/access-role/schema.ts';
import { adminRole } from '../../model/types/access-role/validate.ts';
import { accessRoleBindingSchema } from '../../model/types/access-role-binding.ts';
import type { NewUserClaims } from '../../tokens/requests.ts';
import type { RequestAccess } from '../request-access.ts';
import { adminName, authenticatedGroup, isAnonymous, type User } from '../user.ts';
import { adminAccess, ruleAccess } from './role-access.ts';
import { compileRule, type RoleRule } from './role-rule.ts';

/** A tenant's AccessRoles and AccessRoleBindings by name. */
export interface AccessResources {
  readonly roles: ReadonlyMap<string, Resource>;
  readonly bindings: ReadonlyMap<string, Resource>;
}

/** What the roles and bindings of a tenant come to. */
export interface RolePolicy {
  accessOf(user: User): RequestAccess;
}

/** What callers who do not say who they are can be allowed; everything else is never theirs, whoever binds it. */
const anonymousKinds: ReadonlySet<AccessKind> = new Set([
  'READ',
  'VIEW_CONFIG_DUMP',
  'VIEW_STATS',
  'VIEW_CLUSTERS',
  'VIEW_CONTROL_PLANE_METADATA',
]);

/** How many users' rights are kept ready. */
const maxKept = 1_000;

/**
 * Makes the decisions of one version of a tenant's roles ready. All is denied that no rule allows. The group
 * `mesh-system:admin` (and the user of that name) is always administrator, whatever bindings say, so that nobody can
 * lock a tenant out.
 */
export function compileRoles({ roles, bindings }: AccessResources): RolePolicy {
  const rulesOf = new Map([...roles].map(([name, role]) => [name, compiledRules(role)]));
  const bySubject = new Map<string, Set<string>>();
  for (const binding of bindings.values()) {
    // One that cannot be read, as an older or newer Kumulus may have left it, allows nothing.
    const { subjects = [], roles: bound = [] } = accessRoleBindingSchema.safeParse(binding.spec).data ?? {};
    for (const { type, name } of subjects) {
      const key = subjectKey(type, name);
      bySubject.set(key, new Set([...(bySubject.get(key) ?? []), ...bound]));
    }
  }

  function rolesOf({ name, groups }: User): ReadonlySet<string> {
    const keys = [subjectKey('User', name), ...groups.map((group) => subjectKey('Group', group))];
    return new Set(keys.flatMap((key) => [...(bySubject.get(key) ?? [])]));
  }

  function isAdmin(user: User, held: ReadonlySet<string>): boolean {
    const named = user.name === adminName || user.groups.includes(adminName);
    return !isAnonymous(user) && (named || held.has(adminRole));
  }

  function makeAccess(user: User): RequestAccess {
    const held = rolesOf(user);
    if (isAdmin(user, held)) return adminAccess;
    const rules = [...held].sort().flatMap((role) => rulesOf.get(role) ?? []);
    if (isAnonymous(user)) return ruleAccess(user, rules.flatMap(forAnonymous), () => false);
    return ruleAccess(user, rules, (claims) => {
      const other = userOf(claims);
      const wanted = rolesOf(other);
      return !isAdmin(other, wanted) && [...wanted].every((role) => held.has(role));
    });
  }

  const kept = new Map<string, RequestAccess>();
  return {
    accessOf(user) {
      // The text of a user is not enough: the name may hold what would else part it from the groups.
      const key = JSON.stringify([user.name, user.groups]);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const [oldest] = kept.keys();
      if (kept.size >= maxKept && oldest !== undefined) kept.delete(oldest);
      const access = makeAccess(user);
      kept.set(key, access);
      return access;
    },
  };
}

function compiledRules(role: Resource): readonly RoleRule[] {
  const { rules = [] } = accessRoleSchema.safeParse(role.spec).data ?? {};
  return rules.map(compileRule);
}

function forAnonymous(rule: RoleRule): readonly RoleRule[] {
  const access = new Set([...rule.access].filter((kind) => anonymousKinds.has(kind)));
  return access.size === 0 ? [] : [{ ...rule, access }];
}

/** Whom a user token would stand for. */
function userOf({ Name, Groups }: NewUserClaims): User {
  return { name: Name, groups: [...(Groups ?? []), authenticatedGroup] };
}

function subjectKey(type: 'User' | 'Group', name: string): string {
  return `${type} ${name}`;
}
