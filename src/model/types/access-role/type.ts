import type { ResourceType } from '../../resource-type.ts';
import { type AccessRoleSpec, accessRoleSchema } from './schema.ts';
import { accessRoleWarnings, validateAccessRole } from './validate.ts';

/** `AccessRole`, as Kong Mesh has it: rules that say what its bearers may do. */
export const accessRoleType: ResourceType<AccessRoleSpec> = {
  name: 'AccessRole',
  scope: 'Global',
  path: 'access-roles',
  singularDisplayName: 'Access Role',
  pluralDisplayName: 'Access Roles',
  shortName: '',
  readOnly: false,
  layout: 'flat',
  secret: false,
  unlisted: true,
  includeInFederation: false,
  providedByZone: false,
  schema: accessRoleSchema,
  validate: validateAccessRole,
  deprecations: accessRoleWarnings,
};
