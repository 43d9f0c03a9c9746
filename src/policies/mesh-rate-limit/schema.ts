import * as z from 'zod';
import { duration, headerValues, uint32 } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const rateSchema = z.object({ num: uint32(), interval: duration() });

const localHttpSchema = z.object({
  disabled: z.boolean().exactOptional(),
  requestRate: rateSchema.describe('Requests in an interval.').exactOptional(),
  onRateLimit: z
    .object({
      status: uint32().describe('The status code of the answer; Envoy takes 400 and above.').exactOptional(),
      headers: z
        .object({ set: headerValues().exactOptional(), add: headerValues().exactOptional() })
        .exactOptional(),
    })
    .exactOptional(),
});

const localTcpSchema = z.object({
  disabled: z.boolean().exactOptional(),
  connectionRate: rateSchema.describe('Connections in an interval.').exactOptional(),
});

const rateLimitConfSchema = z.object({
  local: z
    .object({ http: localHttpSchema.exactOptional(), tcp: localTcpSchema.exactOptional() })
    .describe('What each proxy counts by itself.')
    .exactOptional(),
});

const item = z.object({ targetRef: targetRefSchema, default: rateLimitConfSchema.prefault({}) });

/** Kuma's `MeshRateLimit`. */
export const meshRateLimitSchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  from: z.array(item).exactOptional(),
  to: z.array(item).exactOptional(),
  rules: z.array(z.object({ default: rateLimitConfSchema.prefault({}) })).exactOptional(),
});

export type MeshRateLimitSpec = z.output<typeof meshRateLimitSchema>;
export type RateLimitConf = z.output<typeof rateLimitConfSchema>;
export type Rate = z.output<typeof rateSchema>;
