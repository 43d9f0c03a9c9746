import { describe, expect, it } from 'vitest';
import { loadSettings } from './load-settings.ts';

function load(flags: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  return loadSettings({
    flag: (flag) => Object.entries(flags).find(([name]) => flag.split(/[ ,]+/).includes(name))?.[1],
    env,
  });
}

const named = { '--name': 'web-1', '--mesh': 'default' };

describe('loadSettings', () => {
  it("has kuma-dp's defaults", () => {
    expect(load(named)).toMatchObject({
      controlPlaneUrl: 'https://localhost:5678',
      retryBackoff: 3_000,
      retryMaxDuration: 300_000,
      drainTime: 30_000,
      proxyType: 'dataplane',
      readinessPort: 9_902,
      readinessUnixSocketDisabled: false,
      dnsPort: 15_054,
      strictInboundPorts: true,
      reusePort: true,
      ipv6Enabled: true,
      concurrency: 0,
    });
  });

  it('reads the environment variables of kuma-dp', () => {
    const settings = load(
      {},
      {
        KUMA_CONTROL_PLANE_URL: 'https://cp:5678',
        KUMA_CONTROL_PLANE_CA_CERT_FILE: '/ca.pem',
        KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY: 'T',
        KUMA_CONTROL_PLANE_RETRY_BACKOFF: '1.5s',
        KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH: '/dp.yaml',
        KUMA_DATAPLANE_RUNTIME_TOKEN: 'secret',
        KUMA_DATAPLANE_RUNTIME_CONCURRENCY: '4',
        KUMA_DATAPLANE_DRAIN_TIME: '1m30s',
        KUMA_READINESS_UNIX_SOCKET_DISABLED: 'true',
        KUMA_READINESS_PORT: '9000',
        KUMA_DATAPLANE_RUNTIME_ENVOY_XDS_TRANSPORT_PROTOCOL_VARIANT: 'DELTA_GRPC',
        KUMA_DATAPLANE_RUNTIME_REUSE_PORT_ENABLED: 'false',
      },
    );
    expect(settings).toMatchObject({
      controlPlaneUrl: 'https://cp:5678',
      caCertFile: '/ca.pem',
      skipVerify: true,
      retryBackoff: 1_500,
      dataplaneFile: '/dp.yaml',
      concurrency: 4,
      drainTime: 90_000,
      readinessUnixSocketDisabled: true,
      readinessPort: 9_000,
      xdsVariant: 'DELTA_GRPC',
      reusePort: false,
    });
    expect(settings.token?.reveal()).toBe('secret');
    expect(JSON.stringify(settings)).not.toContain('secret');
  });

  it('lets a flag go before its variable', () => {
    expect(load({ ...named, '--drain-time': '5s' }, { KUMA_DATAPLANE_DRAIN_TIME: '9s' }).drainTime).toBe(
      5_000,
    );
  });

  it("takes the Pod's name where nothing else names the Dataplane", () => {
    const pod = { POD_NAME: 'web-5d', POD_NAMESPACE: 'shop' };
    expect(load({ '--mesh': 'default' }, pod).name).toBe('web-5d.shop');
    expect(load({ '--dataplane-file': 'x' }, pod).name).toBe('');
    expect(load(named, pod).name).toBe('web-1');
  });

  it.each([
    [{ ...named, '--concurrency': '-1' }, '--concurrency must be a whole number, got "-1"'],
    [{ ...named, '--concurrency': '1e3' }, '--concurrency must be a whole number, got "1e3"'],
    [
      { ...named, '--dns-envoy-port': '65536' },
      '--dns-envoy-port must be a port from 0 to 65535, got "65536"',
    ],
    [{ ...named, '--drain-time': '-1s' }, '--drain-time must be a positive duration such as 30s, got "-1s"'],
    [{ ...named, '--drain-time': '7d' }, '--drain-time must be a positive duration such as 30s, got "7d"'],
    [{ ...named, '--skip-verify': 'maybe' }, '--skip-verify must be true or false, got "maybe"'],
    [
      { ...named, '--cp-address': 'localhost:5678' },
      '--cp-address must be a URL such as https://localhost:5678',
    ],
    [{ ...named, '--name': '$(NAME)' }, '--name must not contain any of $(){}'],
    [{ '--name': 'web-1' }, '--mesh must be given beside --name'],
    [{}, '--dataplane-file or --name must be given'],
  ])('refuses %j', (flags, message) => {
    expect(() => load(flags)).toThrow(expect.objectContaining({ code: 'bad_request', message }));
  });

  it('asks for no mesh where a zone proxy has none', () => {
    expect(load({ '--name': 'in-1', '--proxy-type': 'ingress' }).mesh).toBe('');
  });
});
