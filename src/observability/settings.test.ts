import { describe, expect, it } from 'vitest';
import { diagnosticsSettings } from './settings.ts';

describe('diagnosticsSettings', () => {
  it.each([
    { environment: {}, want: { port: 5680, address: '127.0.0.1', maxTenants: 100, maxMeshes: 500 } },
    {
      environment: {
        KUMA_DIAGNOSTICS_SERVER_PORT: '0',
        KUMULUS_DIAGNOSTICS_ADDRESS: '::',
        KUMULUS_METRICS_TENANTS: '7',
        KUMULUS_METRICS_MESHES: '8',
      },
      want: { port: 0, address: '::', maxTenants: 7, maxMeshes: 8 },
    },
    {
      environment: { KUMULUS_DIAGNOSTICS_ADDRESS: '', KUMA_DIAGNOSTICS_SERVER_PORT: '' },
      want: { port: 5680, address: '127.0.0.1', maxTenants: 100, maxMeshes: 500 },
    },
  ])('$environment', ({ environment, want }) => {
    expect(diagnosticsSettings(environment)).toEqual(want);
  });

  it.each([
    ['KUMA_DIAGNOSTICS_SERVER_PORT', '65536', 'takes a whole number of at most 65535, got "65536"'],
    ['KUMULUS_DIAGNOSTICS_ADDRESS', 'localhost', 'takes an IP address, got "localhost"'],
    ['KUMULUS_METRICS_TENANTS', '-1', 'takes a whole number of at most 10000, got "-1"'],
    ['KUMULUS_METRICS_MESHES', 'many', 'takes a whole number of at most 10000, got "many"'],
  ])('%s=%s is refused', (name, value, message) => {
    expect(() => diagnosticsSettings({ [name]: value })).toThrow(`${name} ${message}`);
  });
});
