import { adminName, authenticatedGroup, unauthenticatedGroup } from '../auth/user.ts';
import { type AccessKind, type AccessRoleSpec, accessKinds } from '../model/types/access-role/schema.ts';
import { adminRole } from '../model/types/access-role/validate.ts';
import type { AccessRoleBindingSpec } from '../model/types/access-role-binding.ts';
import type { ResourceDraft } from '../store/resource-store.ts';

/**
 * What a tenant starts with: `closed`, where only administrators may do anything, or `kuma`, where everybody may do
 * what Kuma's defaults say, but that callers who do not say who they are write nothing.
 */
export type InitialAccess = 'closed' | 'kuma';

/** Whoever has it reads all that is no secret. */
export const viewerRole = 'viewer';
/** Whoever has it reads and writes all that is neither a secret nor a role; tokens it makes none. */
export const editorRole = 'editor';

const viewing: readonly AccessKind[] = [
  'READ',
  'VIEW_CONFIG_DUMP',
  'VIEW_STATS',
  'VIEW_CLUSTERS',
  'VIEW_CONTROL_PLANE_METADATA',
];

/** The roles `admin`, `editor` and `viewer`, and who has them at first. */
export function accessDrafts(initial: InitialAccess): readonly ResourceDraft[] {
  return [
    role(adminRole, accessKinds),
    role(editorRole, ['CREATE', 'UPDATE', 'DELETE', ...viewing]),
    role(viewerRole, viewing),
    binding('admin', adminName, adminRole),
    ...(initial === 'kuma'
      ? [
          binding('authenticated', authenticatedGroup, editorRole),
          binding('unauthenticated', unauthenticatedGroup, viewerRole),
        ]
      : []),
  ];
}

function role(name: string, access: readonly AccessKind[]): ResourceDraft {
  const spec: AccessRoleSpec = { rules: [{ access: [...access] }] };
  return { type: 'AccessRole', mesh: '', name, labels: {}, spec };
}

function binding(name: string, group: string, bound: string): ResourceDraft {
  const spec: AccessRoleBindingSpec = { subjects: [{ type: 'Group', name: group }], roles: [bound] };
  return { type: 'AccessRoleBinding', mesh: '', name, labels: {}, spec };
}
