import { meshReferenceProblem } from '../../names.ts';
import type { ValidationContext } from '../../resource-type.ts';
import { index, Violations } from '../../violations.ts';
import {
  type AccessKind,
  type AccessQualifier,
  type AccessRoleRule,
  type AccessRoleSpec,
  accessKinds,
} from './schema.ts';

/** The role that may do everything, secrets and roles included. It is there in every tenant, and always says so. */
export const adminRole = 'admin';

/** What administrators alone read. */
const secretTypes: ReadonlySet<string> = new Set(['Secret', 'GlobalSecret']);
/** What administrators alone write: who writes signing keys or roles can give themselves any right. */
const guardedTypes: ReadonlySet<string> = new Set([...secretTypes, 'AccessRole', 'AccessRoleBinding']);

/** Whether rules of roles other than {@link adminRole} can let a type be read; secrets they cannot. */
export function isReadableByRole(type: string): boolean {
  return !secretTypes.has(type);
}

/** Whether rules of roles other than {@link adminRole} can let a type be written. */
export function isWritableByRole(type: string): boolean {
  return !guardedTypes.has(type);
}

/** What is beside the meshes and has the name of the mesh that it is about: it counts as being in it. */
const namedByMesh: ReadonlySet<string> = new Set(['Mesh', 'MeshInsight']);

/** Whether the names of a type are those of meshes. */
export function isNamedByMesh(type: string): boolean {
  return namedByMesh.has(type);
}

const writes: ReadonlySet<AccessKind> = new Set(['CREATE', 'UPDATE', 'DELETE']);
/** What is beside the meshes, so that a rule about a mesh does not allow it. */
const beside: readonly AccessKind[] = [
  'GENERATE_USER_TOKEN',
  'GENERATE_ZONE_TOKEN',
  'GENERATE_ZONE_CP_TOKEN',
  'VIEW_CONTROL_PLANE_METADATA',
];

export function validateAccessRole({ rules = [] }: AccessRoleSpec, { name }: ValidationContext): Violations {
  const violations = new Violations();
  if (rules.length === 0) violations.add('rules', 'cannot be empty');
  for (const [position, rule] of rules.entries()) {
    validateRule(violations, index('rules', position), rule);
  }
  if (name === adminRole && !rules.some(allowsEverything)) {
    violations.add(
      'rules',
      `role "${adminRole}" may do everything: it must have a rule with all kinds of access alone`,
    );
  }
  return violations;
}

/** What has no effect, for whoever meant it to have one. */
export function accessRoleWarnings({ rules = [] }: AccessRoleSpec): readonly string[] {
  return rules.flatMap(({ mesh, access = [] }, position) =>
    mesh === undefined
      ? []
      : beside
          .filter((kind) => access.includes(kind))
          .map(
            (kind) =>
              `rules[${position}]: ${kind} is not about a mesh, so a rule with a mesh does not allow it`,
          ),
  );
}

function validateRule(violations: Violations, path: string, rule: AccessRoleRule): void {
  const { types = [], access = [], when = [] } = rule;
  if (access.length === 0) violations.add(`${path}.access`, 'cannot be empty');
  const mesh = rule.mesh === undefined ? undefined : meshReferenceProblem(rule.mesh);
  if (mesh !== undefined) violations.add(`${path}.mesh`, mesh);
  for (const [position, type] of types.entries()) {
    if (access.includes('READ') && !isReadableByRole(type)) {
      violations.add(index(`${path}.types`, position), `${type} can be read by administrators only`);
    }
    if (access.some((kind) => writes.has(kind)) && !isWritableByRole(type)) {
      violations.add(index(`${path}.types`, position), `${type} can be written by administrators only`);
    }
  }
  for (const [position, qualifier] of when.entries()) {
    validateQualifier(violations, index(`${path}.when`, position), qualifier);
  }
}

/** A qualifier is about one kind of thing; in one about two, it would not be clear what holds for a third. */
function validateQualifier(violations: Violations, path: string, qualifier: AccessQualifier): void {
  const { targetRef, to, from, sources, destinations, selectors, dpToken } = qualifier;
  const kinds = [targetRef ?? to ?? from, sources ?? destinations, selectors, dpToken].filter(
    (kind) => kind !== undefined,
  );
  if (kinds.length === 0) violations.add(path, 'qualifier cannot be empty');
  if (kinds.length > 1) {
    violations.add(
      path,
      'qualifier must be about one of targetRef (with to or from), sources and destinations, selectors, dpToken',
    );
  }
  if (to !== undefined && from !== undefined) violations.add(path, 'qualifier must have either to or from');
  if (dpToken !== undefined && dpToken.workload === undefined && (dpToken.tags ?? []).length === 0) {
    violations.add(`${path}.dpToken`, 'cannot be empty');
  }
}

function allowsEverything({ types = [], names = [], mesh, access = [], when = [] }: AccessRoleRule): boolean {
  const unlimited = types.length === 0 && names.length === 0 && mesh === undefined && when.length === 0;
  return unlimited && accessKinds.every((kind) => access.includes(kind));
}
