import * as z from 'zod';
import { clientMatchSchema } from '../common/client-match.ts';
import { duration, int32, requiredIntOrString } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const percentage = requiredIntOrString().describe('Of the requests.');

const faultSchema = z.object({
  abort: z
    .object({ httpStatus: int32(), percentage })
    .describe('Answers in place of the service.')
    .exactOptional(),
  delay: z.object({ value: duration(), percentage }).describe('Makes requests wait.').exactOptional(),
  responseBandwidth: z
    .object({ limit: z.string().describe('Such as `50 Mbps`; in kbps, Mbps or Gbps.'), percentage })
    .describe('Slows answers down.')
    .exactOptional(),
});

const faultInjectionConfSchema = z.object({ http: z.array(faultSchema).exactOptional() });

const item = z.object({ targetRef: targetRefSchema, default: faultInjectionConfSchema.prefault({}) });

/** Kuma's `MeshFaultInjection`. */
export const meshFaultInjectionSchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  from: z.array(item).exactOptional(),
  to: z.array(item).exactOptional(),
  rules: z
    .array(
      z.object({
        matches: z
          .array(clientMatchSchema)
          .describe('The clients that any of these is about; all when absent.')
          .exactOptional(),
        default: faultInjectionConfSchema,
      }),
    )
    .exactOptional(),
});

export type MeshFaultInjectionSpec = z.output<typeof meshFaultInjectionSchema>;
export type FaultInjectionConf = z.output<typeof faultInjectionConfSchema>;
