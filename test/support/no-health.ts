import type { HealthSource } from '../../src/xds/health/health-session.ts';

/** Takes no interest in health: streams are accepted and asked for nothing. */
export const noHealth: HealthSource = {
  open: async () => ({
    onDataplane() {},
    onEnd() {},
    report: async () => {},
    close() {},
  }),
};
