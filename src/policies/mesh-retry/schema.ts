import * as z from 'zod';
import {
  duration,
  headerMatchSchema,
  headerName,
  int32,
  int64,
  uint32,
  withDefault,
} from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const backOff = z.object({
  baseInterval: duration().exactOptional(),
  maxInterval: duration().exactOptional(),
});

const rateLimitedBackOff = z.object({
  resetHeaders: z
    .array(z.object({ name: headerName(), format: z.enum(['Seconds', 'UnixTimestamp']) }))
    .exactOptional(),
  maxInterval: duration().exactOptional(),
});

/** Which hosts a retry should leave out. */
const hostPredicateSchema = z.object({
  predicate: z.enum(['OmitPreviousHosts', 'OmitHostsWithTags', 'OmitPreviousPriorities']),
  tags: z.record(z.string(), z.string()).exactOptional(),
  /** Of `OmitPreviousPriorities`: after how many tries the load by priority is worked out anew. */
  updateFrequency: withDefault(2, int32()),
});

export const retryConfSchema = z.object({
  tcp: z.object({ maxConnectAttempt: uint32().exactOptional() }).exactOptional(),
  http: z
    .object({
      numRetries: uint32().exactOptional(),
      perTryTimeout: duration().exactOptional(),
      backOff: backOff.exactOptional(),
      rateLimitedBackOff: rateLimitedBackOff.exactOptional(),
      /** Conditions by Kuma's names, methods (`HttpMethodGet`), or status codes. */
      retryOn: z.array(z.string()).exactOptional(),
      retriableResponseHeaders: z.array(headerMatchSchema).exactOptional(),
      retriableRequestHeaders: z.array(headerMatchSchema).exactOptional(),
      hostSelection: z.array(hostPredicateSchema).exactOptional(),
      hostSelectionMaxAttempts: int64().exactOptional(),
    })
    .exactOptional(),
  grpc: z
    .object({
      numRetries: uint32().exactOptional(),
      perTryTimeout: duration().exactOptional(),
      backOff: backOff.exactOptional(),
      rateLimitedBackOff: rateLimitedBackOff.exactOptional(),
      retryOn: z
        .array(z.enum(['Canceled', 'DeadlineExceeded', 'Internal', 'ResourceExhausted', 'Unavailable']))
        .exactOptional(),
    })
    .exactOptional(),
});

/** Kuma's `MeshRetry`. */
export const meshRetrySchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  to: z
    .array(z.object({ targetRef: targetRefSchema, default: retryConfSchema.prefault({}) }))
    .exactOptional(),
});

export type MeshRetrySpec = z.output<typeof meshRetrySchema>;
export type RetryConf = z.output<typeof retryConfSchema>;
export type HostPredicate = z.output<typeof hostPredicateSchema>;
