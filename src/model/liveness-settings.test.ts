import { describe, expect, it } from 'vitest';
import { livenessSettings } from './liveness-settings.ts';

const idle = 'KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT';
const age = 'KUMA_RUNTIME_UNIVERSAL_DATAPLANE_CLEANUP_AGE';
const zoneAge = 'KUMA_RUNTIME_UNIVERSAL_ZONE_RESOURCE_CLEANUP_AGE';
const delay = 'KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY';

describe('livenessSettings', () => {
  it("has Kuma's defaults, also where a variable is empty", () => {
    const defaults = {
      dataplaneIdleTimeoutMs: 300_000,
      dataplaneCleanupAgeMs: 259_200_000,
      dataplaneCleanupAge: '72h0m0s',
      zoneResourceCleanupAgeMs: 259_200_000,
      deregistrationDelayMs: 10_000,
    };
    expect(livenessSettings({})).toEqual(defaults);
    expect(livenessSettings({ [idle]: '', [age]: '', [zoneAge]: '', [delay]: '' })).toEqual(defaults);
  });

  it("takes Go's durations", () => {
    expect(livenessSettings({ [idle]: '1m30s', [age]: '90m', [zoneAge]: '0.5h', [delay]: '0' })).toEqual({
      dataplaneIdleTimeoutMs: 90_000,
      dataplaneCleanupAgeMs: 5_400_000,
      dataplaneCleanupAge: '1h30m0s',
      zoneResourceCleanupAgeMs: 1_800_000,
      deregistrationDelayMs: 0,
    });
  });

  it.each([
    { variable: idle, text: '5', message: `${idle} takes a duration such as 30s or 1h, got "5"` },
    { variable: age, text: '3d', message: `${age} takes a duration such as 30s or 1h, got "3d"` },
    { variable: age, text: '0s', message: `${age} must be > 0, got "0s"` },
    { variable: zoneAge, text: '-1h', message: `${zoneAge} must be > 0, got "-1h"` },
    { variable: delay, text: '-1s', message: `${delay} must be >= 0, got "-1s"` },
  ])('refuses $variable=$text', ({ variable, text, message }) => {
    expect(() => livenessSettings({ [variable]: text })).toThrow(new Error(message));
  });
});
