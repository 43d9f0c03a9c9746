import * as z from 'zod';
import { backendRefSchema } from '../common/backend-ref.ts';
import { listOf } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const ruleSchema = z.object({
  default: z.object({ backendRefs: z.array(backendRefSchema).exactOptional() }),
});

/** Kuma's `MeshTCPRoute`. */
export const meshTcpRouteSchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  to: z
    .array(
      z.object({
        targetRef: targetRefSchema,
        rules: listOf(ruleSchema, 1).describe('One at most, for connections are not told apart.'),
      }),
    )
    .min(1)
    .exactOptional(),
});

export type MeshTcpRouteSpec = z.output<typeof meshTcpRouteSchema>;
