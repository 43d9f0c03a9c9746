import { formatDuration, parseDuration } from './duration.ts';

/** How long what is no more is kept; names, forms and defaults of the variables are Kuma's. */
export interface LivenessSettings {
  /**
   * `KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT`, 5m unless told: how long a relay may be silent before the streams that it held
   * count as closed, in milliseconds.
   */
  readonly dataplaneIdleTimeoutMs: number;
  /**
   * `KUMA_RUNTIME_UNIVERSAL_DATAPLANE_CLEANUP_AGE`, 72h unless told: how long a proxy may be offline before its Dataplane is
   * deleted, in milliseconds.
   */
  readonly dataplaneCleanupAgeMs: number;
  /** The same in Go's notation, as `/config` tells it. */
  readonly dataplaneCleanupAge: string;
  /** `KUMA_RUNTIME_UNIVERSAL_ZONE_RESOURCE_CLEANUP_AGE`, 72h unless told: the same for zone proxies. */
  readonly zoneResourceCleanupAgeMs: number;
  /**
   * `KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY`, 10s unless told: how long after its stream the Dataplane of a proxy stays
   * that brought it along and left, in milliseconds.
   */
  readonly deregistrationDelayMs: number;
}

/** Nanoseconds. */
function duration(environment: NodeJS.ProcessEnv, name: string, fallback: string, least: bigint): bigint {
  const text = environment[name] || fallback;
  let value: bigint;
  try {
    value = parseDuration(text);
  } catch {
    throw new Error(`${name} takes a duration such as 30s or 1h, got ${JSON.stringify(text)}`);
  }
  if (value < least) {
    throw new Error(`${name} must be ${least === 0n ? '>= 0' : '> 0'}, got ${JSON.stringify(text)}`);
  }
  return value;
}

/**
 * Reads the settings of liveness, the same for the local server, the functions and the relay.
 *
 * @throws Error that names the variable and the value that it cannot take.
 */
export function livenessSettings(environment: NodeJS.ProcessEnv): LivenessSettings {
  const positive = (name: string, fallback: string) => duration(environment, name, fallback, 1n);
  const cleanupAge = positive('KUMA_RUNTIME_UNIVERSAL_DATAPLANE_CLEANUP_AGE', '72h');
  const zoneAge = positive('KUMA_RUNTIME_UNIVERSAL_ZONE_RESOURCE_CLEANUP_AGE', '72h');
  const idleTimeout = positive('KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT', '5m');
  const delay = duration(environment, 'KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY', '10s', 0n);
  const milliseconds = (nanoseconds: bigint) => Number(nanoseconds) / 1e6;
  return {
    dataplaneIdleTimeoutMs: milliseconds(idleTimeout),
    dataplaneCleanupAgeMs: milliseconds(cleanupAge),
    dataplaneCleanupAge: formatDuration(cleanupAge),
    zoneResourceCleanupAgeMs: milliseconds(zoneAge),
    deregistrationDelayMs: milliseconds(delay),
  };
}
