import { describe, expect, it } from 'vitest';
import { bootstrapSettings, defaultBootstrapSettings } from './settings.ts';

describe('bootstrapSettings', () => {
  it("has Kuma's defaults but for the two that are ours", () => {
    expect(bootstrapSettings({})).toEqual(defaultBootstrapSettings);
    expect(defaultBootstrapSettings).toMatchObject({ deltaXds: true, checkTokens: 'strict' });
  });

  const params = 'KUMA_BOOTSTRAP_SERVER_PARAMS';
  it.each([
    [`${params}_ADMIN_ADDRESS`, '::1', { adminAddress: '::1' }],
    [`${params}_ADMIN_PORT`, '9902', { adminPort: 9902 }],
    [`${params}_ADMIN_PORT`, '', { adminPort: 9901 }],
    [`${params}_ADMIN_ACCESS_LOG_PATH`, '/var/log/x', { adminAccessLogPath: '/var/log/x' }],
    [`${params}_XDS_HOST`, 'cp.example', { xdsHost: 'cp.example' }],
    [`${params}_XDS_PORT`, '443', { xdsPort: 443 }],
    [`${params}_XDS_CONNECT_TIMEOUT`, '1m30s', { xdsConnectTimeoutMs: 90_000 }],
    ['KUMA_DP_SERVER_HDS_ENABLED', 'false', { hdsEnabled: false }],
    ['KUMA_DP_SERVER_AUTHN_DP_PROXY_TYPE', 'none', { dataplaneTokenRequired: false }],
    ['KUMA_DP_SERVER_AUTHN_DP_PROXY_TYPE', 'dpToken', { dataplaneTokenRequired: true }],
    ['KUMA_DP_SERVER_AUTHN_ZONE_PROXY_TYPE', 'none', { zoneTokenRequired: false }],
    ['KUMA_DP_SERVER_AUTHN_ENABLE_RELOADABLE_TOKENS', '1', { reloadableTokens: true }],
    ['KUMA_EXPERIMENTAL_DELTA_XDS', 'False', { deltaXds: false }],
    ['KUMA_PROXY_GATEWAY_GLOBAL_DOWNSTREAM_MAX_CONNECTIONS', '7', { gatewayMaxConnections: 7 }],
    ['KUMULUS_BOOTSTRAP_CHECK_TOKENS', 'stream-only', { checkTokens: 'stream-only' }],
  ])('%s=%s', (name, value, expected) => {
    expect(bootstrapSettings({ [name]: value })).toEqual({ ...defaultBootstrapSettings, ...expected });
  });

  it('is handed the text of the Corefile', () => {
    expect(bootstrapSettings({}, '.:53 {}').corefileTemplate).toBe('.:53 {}');
  });

  it.each([
    [`${params}_ADMIN_ADDRESS`, 'localhost'],
    [`${params}_ADMIN_PORT`, '65536'],
    [`${params}_XDS_PORT`, '-1'],
    [`${params}_XDS_CONNECT_TIMEOUT`, 'soon'],
    [`${params}_XDS_CONNECT_TIMEOUT`, '-1s'],
    ['KUMA_EXPERIMENTAL_DELTA_XDS', 'yes'],
    ['KUMULUS_BOOTSTRAP_CHECK_TOKENS', 'never'],
  ])('%s=%s is refused by name and value', (name, value) => {
    expect(() => bootstrapSettings({ [name]: value })).toThrow(`${name}: cannot take "${value}"`);
  });
});
