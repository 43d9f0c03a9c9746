import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';

const errorsSchema = proto.message({ consecutive: proto.uint32Value() });

/** What makes an endpoint one that is ejected; an empty detector has Envoy's defaults. */
const detectorsSchema = proto.message({
  totalErrors: proto.optional(errorsSchema),
  gatewayErrors: proto.optional(errorsSchema),
  localErrors: proto.optional(errorsSchema),
  standardDeviation: proto.optional(
    proto.message({
      requestVolume: proto.uint32Value(),
      minimumHosts: proto.uint32Value(),
      factor: proto.doubleValue(),
    }),
  ),
  failure: proto.optional(
    proto.message({
      requestVolume: proto.uint32Value(),
      minimumHosts: proto.uint32Value(),
      threshold: proto.uint32Value().describe('In percent.'),
    }),
  ),
});

/** How much may be under way to a service at once. */
const thresholdsSchema = proto.message({
  maxConnections: proto.uint32Value(),
  maxPendingRequests: proto.uint32Value(),
  maxRetries: proto.uint32Value(),
  maxRequests: proto.uint32Value(),
});

const confSchema = proto.message({
  interval: proto.duration(),
  baseEjectionTime: proto.duration(),
  maxEjectionPercent: proto.uint32Value(),
  splitExternalAndLocalErrors: proto.bool(),
  detectors: proto.optional(detectorsSchema),
  thresholds: proto.optional(thresholdsSchema),
});

/** Kuma's `CircuitBreaker` (`api/mesh/v1alpha1/circuit_breaker.proto`). */
export const circuitBreakerSchema = proto.message({ ...connectionFields, conf: proto.optional(confSchema) });

export type CircuitBreakerSpec = z.output<typeof circuitBreakerSchema>;
