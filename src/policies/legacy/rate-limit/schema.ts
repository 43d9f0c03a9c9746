import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';

const httpSchema = proto.message({
  requests: proto.uint32().describe('How many requests an inbound takes within the interval.'),
  interval: proto.duration(),
  onRateLimit: proto.optional(
    proto.message({
      status: proto.uint32Value().describe('429 when absent.'),
      headers: proto.repeated(
        proto.message({ key: proto.string(), value: proto.string(), append: proto.boolValue() }),
      ),
    }),
  ),
});

/** Kuma's `RateLimit` (`api/mesh/v1alpha1/rate_limit.proto`). */
export const rateLimitSchema = proto.message({
  ...connectionFields,
  conf: proto.optional(proto.message({ http: proto.optional(httpSchema) })),
});

export type RateLimitSpec = z.output<typeof rateLimitSchema>;
