import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';

const confSchema = proto.message({
  connectTimeout: proto.duration().describe('5 s when absent.'),
  tcp: proto.optional(proto.message({ idleTimeout: proto.duration() })),
  http: proto.optional(
    proto.message({
      requestTimeout: proto.duration(),
      idleTimeout: proto.duration(),
      streamIdleTimeout: proto.duration(),
      maxStreamDuration: proto.duration(),
    }),
  ),
  grpc: proto.optional(
    proto.message({ streamIdleTimeout: proto.duration(), maxStreamDuration: proto.duration() }),
  ),
});

/** Kuma's `Timeout` (`api/mesh/v1alpha1/timeout.proto`). */
export const timeoutSchema = proto.message({ ...connectionFields, conf: proto.optional(confSchema) });

export type TimeoutSpec = z.output<typeof timeoutSchema>;
