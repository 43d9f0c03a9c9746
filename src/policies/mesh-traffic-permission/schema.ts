import * as z from 'zod';
import { clientMatchSchema } from '../common/client-match.ts';
import { targetRefSchema } from '../common/target-ref.ts';

export const permissionRuleConfSchema = z.object({
  deny: z.array(clientMatchSchema).exactOptional(),
  allowWithShadowDeny: z.array(clientMatchSchema).exactOptional(),
  allow: z.array(clientMatchSchema).exactOptional(),
});

export const fromConfSchema = z.object({
  action: z.enum(['Allow', 'Deny', 'AllowWithShadowDeny']).exactOptional(),
});

/** Kuma's `MeshTrafficPermission`. */
export const meshTrafficPermissionSchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  from: z
    .array(z.object({ targetRef: targetRefSchema, default: fromConfSchema.prefault({}) }))
    .exactOptional(),
  rules: z.array(z.object({ default: permissionRuleConfSchema })).exactOptional(),
});

export type MeshTrafficPermissionSpec = z.output<typeof meshTrafficPermissionSchema>;
export type PermissionAction = NonNullable<z.output<typeof fromConfSchema>['action']>;
export type PermissionRuleConf = z.output<typeof permissionRuleConfSchema>;
