import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';
import { httpMethods } from '../common/http-method.ts';

const backOffSchema = proto.message({
  baseInterval: proto.duration(),
  maxInterval: proto.duration().describe('Ten times the base when absent.'),
});

const httpSchema = proto.message({
  numRetries: proto.uint32Value(),
  perTryTimeout: proto.duration(),
  backOff: proto.optional(backOffSchema),
  retriableStatusCodes: proto.uint32s(),
  retriableMethods: proto.enumerations('HttpMethod', httpMethods),
  retryOn: proto.enumerations('HttpRetryOn', [
    'all_5xx',
    'gateway_error',
    'reset',
    'connect_failure',
    'envoy_ratelimited',
    'retriable_4xx',
    'refused_stream',
    'retriable_status_codes',
    'retriable_headers',
    'http3_post_connect_failure',
  ]),
});

const grpcSchema = proto.message({
  retryOn: proto.enumerations('Retry.Conf.Grpc.RetryOn', [
    'cancelled',
    'deadline_exceeded',
    'internal',
    'resource_exhausted',
    'unavailable',
  ]),
  numRetries: proto.uint32Value(),
  perTryTimeout: proto.duration(),
  backOff: proto.optional(backOffSchema),
});

/** Kuma's `Retry` (`api/mesh/v1alpha1/retry.proto`). */
export const retrySchema = proto.message({
  ...connectionFields,
  conf: proto.optional(
    proto.message({
      http: proto.optional(httpSchema),
      tcp: proto.optional(proto.message({ maxConnectAttempts: proto.uint32() })),
      grpc: proto.optional(grpcSchema),
    }),
  ),
});

export type RetrySpec = z.output<typeof retrySchema>;
export type BackOff = z.output<typeof backOffSchema>;
