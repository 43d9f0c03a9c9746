import type { AccessKind, AccessQualifier, AccessRoleRule } from '../../model/types/access-role/schema.ts';
import { isNamedByMesh, isReadableByRole, isWritableByRole } from '../../model/types/access-role/validate.ts';
import type { AccessType, Readable } from '../request-access.ts';

/** A rule of an AccessRole, ready to be asked. */
export interface RoleRule {
  /** Empty for all that need not be named. */
  readonly types: ReadonlySet<string>;
  /** Empty for all. */
  readonly names: ReadonlySet<string>;
  /** Undefined for all, and for what is beside the meshes. */
  readonly mesh: string | undefined;
  readonly access: ReadonlySet<AccessKind>;
  readonly when: readonly AccessQualifier[];
}

export function compileRule({
  types = [],
  names = [],
  mesh,
  access = [],
  when = [],
}: AccessRoleRule): RoleRule {
  return { types: new Set(types), names: new Set(names), mesh, access: new Set(access), when };
}

/** Whether a rule lets resources of a type be read, in one mesh or another. */
export function letsRead({ types, access }: RoleRule, type: AccessType): boolean {
  if (!access.has('READ') || !isReadableByRole(type.name)) return false;
  return types.size === 0 ? isWritableByRole(type.name) : types.has(type.name);
}

/** Whether a rule lets resources of a type be written, in one mesh or another. */
export function letsWrite({ types, access }: RoleRule, action: AccessKind, type: AccessType): boolean {
  return access.has(action) && isWritableByRole(type.name) && (types.size === 0 || types.has(type.name));
}

const none: ReadonlySet<string> = new Set();

/** The names of resources of a type in a mesh that a rule is about. A mesh itself, and its insight, count as being in it. */
export function namesOf(rule: RoleRule, type: AccessType, mesh: string): Readable {
  const { names } = rule;
  if (rule.mesh === undefined) return names.size === 0 ? 'all' : names;
  if (isNamedByMesh(type.name)) {
    return names.size === 0 || names.has(rule.mesh) ? new Set([rule.mesh]) : none;
  }
  if (type.scope === 'Global' || mesh !== rule.mesh) return none;
  return names.size === 0 ? 'all' : names;
}

/** Whether a rule is about one resource of a type. */
export function isAbout(rule: RoleRule, type: AccessType, mesh: string, name: string): boolean {
  const names = namesOf(rule, type, mesh);
  return names === 'all' || names.has(name);
}

/** Whether a rule allows something that is no resource, in a mesh or, where that is empty, beside the meshes. */
export function allows(rule: RoleRule, kind: AccessKind, mesh: string, name: string): boolean {
  return (
    rule.access.has(kind) &&
    (rule.mesh === undefined || rule.mesh === mesh) &&
    (rule.names.size === 0 || rule.names.has(name))
  );
}
