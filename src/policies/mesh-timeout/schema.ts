import * as z from 'zod';
import { duration } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

/** Timeouts as Go prints durations. */
export const timeoutConfSchema = z.object({
  connectionTimeout: duration().exactOptional(),
  idleTimeout: duration().exactOptional(),
  http: z
    .object({
      requestTimeout: duration().exactOptional(),
      streamIdleTimeout: duration().exactOptional(),
      maxStreamDuration: duration().exactOptional(),
      maxConnectionDuration: duration().exactOptional(),
      requestHeadersTimeout: duration().exactOptional(),
    })
    .exactOptional(),
});

const item = z.object({ targetRef: targetRefSchema, default: timeoutConfSchema.prefault({}) });

/** Kuma's `MeshTimeout`. */
export const meshTimeoutSchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  to: z.array(item).exactOptional(),
  from: z.array(item).exactOptional(),
  rules: z.array(z.object({ default: timeoutConfSchema.prefault({}) })).exactOptional(),
});

export type MeshTimeoutSpec = z.output<typeof meshTimeoutSchema>;
export type TimeoutConf = z.output<typeof timeoutConfSchema>;
