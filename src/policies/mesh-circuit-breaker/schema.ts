import * as z from 'zod';
import { duration, intOrString, uint32, withoutNulls } from '../common/fields.ts';
import { targetRefSchema } from '../common/target-ref.ts';

const connectionLimits = z.object({
  maxConnections: uint32().exactOptional(),
  maxConnectionPools: uint32().exactOptional(),
  maxPendingRequests: uint32().exactOptional(),
  maxRetries: uint32().exactOptional(),
  maxRequests: uint32().exactOptional(),
});

const consecutive = z.object({ consecutive: uint32().exactOptional() });

const detectors = z.object({
  totalFailures: consecutive.exactOptional(),
  gatewayFailures: consecutive.exactOptional(),
  localOriginFailures: consecutive.exactOptional(),
  successRate: withoutNulls(
    ['standardDeviationFactor'],
    z.object({
      minimumHosts: uint32().exactOptional(),
      requestVolume: uint32().exactOptional(),
      /** A whole number, or a decimal one as text. */
      standardDeviationFactor: intOrString().exactOptional(),
    }),
  ).exactOptional(),
  failurePercentage: z
    .object({
      minimumHosts: uint32().exactOptional(),
      requestVolume: uint32().exactOptional(),
      threshold: uint32().exactOptional(),
    })
    .exactOptional(),
});

const outlierDetection = withoutNulls(
  ['healthyPanicThreshold'],
  z.object({
    disabled: z.boolean().exactOptional(),
    interval: duration().exactOptional(),
    baseEjectionTime: duration().exactOptional(),
    maxEjectionPercent: uint32().exactOptional(),
    splitExternalAndLocalErrors: z.boolean().exactOptional(),
    detectors: detectors.exactOptional(),
    /** A percentage, as whole number or as decimal text. */
    healthyPanicThreshold: intOrString().exactOptional(),
  }),
);

export const circuitBreakerConfSchema = z.object({
  connectionLimits: connectionLimits.exactOptional(),
  outlierDetection: outlierDetection.exactOptional(),
});

const item = z.object({ targetRef: targetRefSchema, default: circuitBreakerConfSchema.prefault({}) });

/** Kuma's `MeshCircuitBreaker`. */
export const meshCircuitBreakerSchema = z.object({
  /** The whole mesh when absent. */
  targetRef: targetRefSchema.exactOptional(),
  to: z.array(item).exactOptional(),
  from: z.array(item).exactOptional(),
  rules: z.array(z.object({ default: circuitBreakerConfSchema.prefault({}) })).exactOptional(),
});

export type MeshCircuitBreakerSpec = z.output<typeof meshCircuitBreakerSchema>;
export type CircuitBreakerConf = z.output<typeof circuitBreakerConfSchema>;
export type OutlierDetection = z.output<typeof outlierDetection>;
export type ConnectionLimits = z.output<typeof connectionLimits>;
export type Detectors = z.output<typeof detectors>;
