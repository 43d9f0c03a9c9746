import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';

const tcpSchema = proto.message({
  send: proto
    .nonEmptyBytesValue()
    .describe('Base64; nothing is sent, and a connection is enough, when absent.'),
  receive: proto.bytesValues(),
});

const httpSchema = proto.message({
  path: proto.string(),
  requestHeadersToAdd: proto.repeated(
    proto.message({
      header: proto.optional(proto.message({ key: proto.string(), value: proto.string() })),
      append: proto.boolValue(),
    }),
  ),
  expectedStatuses: proto.uint32s().describe('200 when absent.'),
});

const confSchema = proto.message({
  interval: proto.duration(),
  timeout: proto.duration(),
  unhealthyThreshold: proto.uint32(),
  healthyThreshold: proto.uint32(),
  initialJitter: proto.duration(),
  intervalJitter: proto.duration(),
  intervalJitterPercent: proto.uint32(),
  healthyPanicThreshold: proto.floatValue().describe('In percent.'),
  failTrafficOnPanic: proto.boolValue(),
  eventLogPath: proto.string(),
  alwaysLogHealthCheckFailures: proto.boolValue(),
  noTrafficInterval: proto.duration(),
  tcp: proto.optional(tcpSchema),
  http: proto.optional(httpSchema),
  reuseConnection: proto.boolValue(),
});

/** Kuma's `HealthCheck` (`api/mesh/v1alpha1/health_check.proto`). */
export const healthCheckSchema = proto.message({ ...connectionFields, conf: proto.optional(confSchema) });

export type HealthCheckSpec = z.output<typeof healthCheckSchema>;
