import * as z from 'zod';
import type { ResourceType } from '../resource-type.ts';
import { index, Violations } from '../violations.ts';

const name = z.string().min(1).max(1000);

/** `AccessRoleBinding`, as Kong Mesh has it. */
export const accessRoleBindingSchema = z.object({
  subjects: z
    .array(z.strictObject({ type: z.enum(['User', 'Group']), name }))
    .max(1000)
    .exactOptional(),
  roles: z
    .array(name)
    .max(100)
    .describe('Names of AccessRoles; those that are not there allow nothing.')
    .exactOptional(),
});

export type AccessRoleBindingSpec = z.output<typeof accessRoleBindingSchema>;

function validate({ subjects = [], roles = [] }: AccessRoleBindingSpec): Violations {
  const violations = new Violations();
  if (subjects.length === 0) violations.add('subjects', 'cannot be empty');
  if (roles.length === 0) violations.add('roles', 'cannot be empty');
  for (const [position, role] of roles.entries()) {
    if (roles.indexOf(role) < position) violations.add(index('roles', position), 'is there twice');
  }
  return violations;
}

/** Who has which AccessRoles. */
export const accessRoleBindingType: ResourceType<AccessRoleBindingSpec> = {
  name: 'AccessRoleBinding',
  scope: 'Global',
  path: 'access-role-bindings',
  singularDisplayName: 'Access Role Binding',
  pluralDisplayName: 'Access Role Bindings',
  shortName: '',
  readOnly: false,
  layout: 'flat',
  secret: false,
  unlisted: true,
  includeInFederation: false,
  providedByZone: false,
  schema: accessRoleBindingSchema,
  validate,
};
