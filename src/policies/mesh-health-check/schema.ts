import * as z from 'zod';
import { duration, headerValues, int32, intOrString, withoutNulls } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const tcp = z.object({
  disabled: z.boolean().exactOptional(),
  send: z.string().describe('What is sent, in base64.').exactOptional(),
  receive: z
    .array(z.string())
    .describe(
      'Blocks in base64 that the answer has to contain, in this order. A connection is enough where there are none.',
    )
    .exactOptional(),
});

const http = z.object({
  disabled: z.boolean().exactOptional(),
  path: z.string().describe('`/` when absent.').exactOptional(),
  requestHeadersToAdd: z
    .object({ set: headerValues().exactOptional(), add: headerValues().exactOptional() })
    .exactOptional(),
  expectedStatuses: z.array(int32()).describe('Status codes of healthy hosts.').exactOptional(),
});

const grpc = z.object({
  disabled: z.boolean().exactOptional(),
  serviceName: z.string().exactOptional(),
  authority: z.string().describe("The cluster's name when absent.").exactOptional(),
});

const healthCheckConfSchema = withoutNulls(
  ['healthyPanicThreshold'],
  z.object({
    interval: duration().describe('One minute when absent.').exactOptional(),
    timeout: duration().describe('15 seconds when absent.').exactOptional(),
    unhealthyThreshold: int32().describe('5 when absent.').exactOptional(),
    healthyThreshold: int32().describe('1 when absent.').exactOptional(),
    initialJitter: duration().describe('The longest wait before the first check.').exactOptional(),
    intervalJitter: duration().exactOptional(),
    intervalJitterPercent: int32().describe('Of the interval.').exactOptional(),
    healthyPanicThreshold: intOrString().meta({ deprecated: true }).exactOptional(),
    failTrafficOnPanic: z.boolean().exactOptional(),
    eventLogPath: z.string().describe("A file on the proxy's machine.").exactOptional(),
    alwaysLogHealthCheckFailures: z.boolean().exactOptional(),
    noTrafficInterval: duration()
      .describe('While the cluster has had no traffic yet; one minute when absent.')
      .exactOptional(),
    tcp: tcp.exactOptional(),
    http: http.exactOptional(),
    grpc: grpc.exactOptional(),
    reuseConnection: z.boolean().describe('True when absent.').exactOptional(),
  }),
);

/** Kuma's `MeshHealthCheck`. */
export const meshHealthCheckSchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  to: z
    .array(z.object({ targetRef: targetRefSchema, default: healthCheckConfSchema.prefault({}) }))
    .exactOptional(),
});

export type MeshHealthCheckSpec = z.output<typeof meshHealthCheckSchema>;
export type HealthCheckConf = z.output<typeof healthCheckConfSchema>;
