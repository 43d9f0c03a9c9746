import { create } from '@bufbuild/protobuf';
import { nanoseconds } from '../../envoy/duration.ts';
import {
  type OutlierDetection as EnvoyOutlierDetection,
  OutlierDetectionSchema,
} from '../../envoy/gen/envoy/config/cluster/v3/outlier_detection_pb.ts';
import { type Percent, PercentSchema } from '../../envoy/gen/envoy/type/v3/percent_pb.ts';
import { parseDuration } from '../../model/duration.ts';
import { parseDecimal } from '../common/value-rules.ts';
import type { Detectors, OutlierDetection } from './schema.ts';

/** A detector that ejects whom it finds, and one that only counts. */
const on = 100;
const off = 0;

/** Envoy's outlier detection; detectors that the policy does not name are switched off. */
export function outlierDetection(conf: OutlierDetection): EnvoyOutlierDetection {
  const { interval, baseEjectionTime, maxEjectionPercent, splitExternalAndLocalErrors, detectors } = conf;
  const detection = create(OutlierDetectionSchema);
  // Envoy takes no interval and no time that is not above zero.
  if (interval !== undefined && parseDuration(interval) > 0n) {
    detection.interval = nanoseconds(parseDuration(interval));
  }
  if (baseEjectionTime !== undefined && parseDuration(baseEjectionTime) > 0n) {
    detection.baseEjectionTime = nanoseconds(parseDuration(baseEjectionTime));
  }
  if (maxEjectionPercent !== undefined) {
    detection.maxEjectionPercent = Math.min(100, maxEjectionPercent);
  }
  detection.splitExternalLocalOriginErrors = splitExternalAndLocalErrors === true;
  consecutiveFailures(detection, detectors ?? {});
  if (detectors !== undefined) {
    successRate(detection, detectors);
    failurePercentage(detection, detectors);
  }
  return detection;
}

/** Below this share of healthy members Envoy uses all of them; undefined where the policy says nothing valid. */
export function panicThreshold({ healthyPanicThreshold }: OutlierDetection): Percent | undefined {
  const value = healthyPanicThreshold === undefined ? undefined : parseDecimal(healthyPanicThreshold);
  return value === undefined || value < 0 || value > 100 ? undefined : create(PercentSchema, { value });
}

function consecutiveFailures(
  detection: EnvoyOutlierDetection,
  { totalFailures, gatewayFailures, localOriginFailures }: Detectors,
): void {
  detection.enforcingConsecutive5xx = off;
  if (totalFailures?.consecutive !== undefined) {
    detection.enforcingConsecutive5xx = on;
    detection.consecutive5xx = totalFailures.consecutive;
  }
  detection.enforcingConsecutiveGatewayFailure = off;
  if (gatewayFailures?.consecutive !== undefined) {
    detection.enforcingConsecutiveGatewayFailure = on;
    detection.consecutiveGatewayFailure = gatewayFailures.consecutive;
  }
  detection.enforcingConsecutiveLocalOriginFailure = off;
  if (localOriginFailures?.consecutive !== undefined) {
    detection.enforcingConsecutiveLocalOriginFailure = on;
    detection.consecutiveLocalOriginFailure = localOriginFailures.consecutive;
  }
}

function successRate(detection: EnvoyOutlierDetection, { successRate: conf }: Detectors): void {
  detection.enforcingSuccessRate = conf === undefined ? off : on;
  detection.enforcingLocalOriginSuccessRate = conf === undefined ? off : on;
  if (conf?.minimumHosts !== undefined) {
    detection.successRateMinimumHosts = conf.minimumHosts;
  }
  if (conf?.requestVolume !== undefined) {
    detection.successRateRequestVolume = conf.requestVolume;
  }
  const factor =
    conf?.standardDeviationFactor === undefined ? undefined : parseDecimal(conf.standardDeviationFactor);
  if (factor !== undefined) {
    detection.successRateStdevFactor = thousandths(factor);
  }
}

function failurePercentage(detection: EnvoyOutlierDetection, { failurePercentage: conf }: Detectors): void {
  detection.enforcingFailurePercentage = conf === undefined ? off : on;
  detection.enforcingFailurePercentageLocalOrigin = conf === undefined ? off : on;
  if (conf?.minimumHosts !== undefined) {
    detection.failurePercentageMinimumHosts = conf.minimumHosts;
  }
  if (conf?.requestVolume !== undefined) {
    detection.failurePercentageRequestVolume = conf.requestVolume;
  }
  if (conf?.threshold !== undefined) {
    detection.failurePercentageThreshold = Math.min(100, conf.threshold);
  }
}

/** Envoy keeps the factor in thousandths, as a `uint32`. The small addend makes up for what binary fractions lose. */
function thousandths(factor: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.floor(factor * 1000 + 1e-6)));
}
