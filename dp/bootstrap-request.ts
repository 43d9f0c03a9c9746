import type { SecretValue } from '../src/model/secret-value.ts';
import type { DataplaneResource } from './dataplane-resource.ts';
import type { EnvoyVersion } from './envoy-version.ts';
import type { Machine } from './machine.ts';
import type { DataplaneSettings } from './settings.ts';
import { kumaVersion, version } from './version.ts';

/** What the body of `POST /bootstrap` is made of. */
export interface BootstrapInputs {
  readonly settings: DataplaneSettings;
  readonly mesh: string;
  readonly name: string;
  readonly resource: DataplaneResource | undefined;
  readonly token: SecretValue | undefined;
  /** PEM, empty without one. */
  readonly caCert: string;
  readonly workDir: string;
  readonly envoy: EnvoyVersion;
  readonly machine: Machine;
}

/** The body of `POST /bootstrap` as kuma-dp 2.13 sends it: JSON with its member names, oddities included. It holds the token. */
export function bootstrapRequest(inputs: BootstrapInputs): string {
  const { settings, envoy, machine } = inputs;
  return JSON.stringify({
    mesh: inputs.mesh,
    name: inputs.name,
    proxyType: settings.proxyType,
    dataplaneToken: inputs.token?.reveal(),
    dataplaneTokenPath: settings.tokenFile,
    dataplaneResource: inputs.resource?.json,
    version: {
      kumaDp: {
        version: kumaVersion,
        gitTag: `v${kumaVersion}`,
        gitCommit: `kumulus-${version}`,
        buildDate: 'unknown',
      },
      envoy: { version: envoy.version, build: envoy.build, kumaDpCompatible: envoy.compatible },
    },
    caCert: inputs.caCert,
    dynamicMetadata: {},
    dnsPort: settings.dnsPort,
    readinessPort: settings.readinessPort,
    operatingSystem: machine.operatingSystem,
    features: features(settings),
    resources: { maxHeapSizeBytes: settings.maxMemoryBytes || machine.maxMemory },
    workdir: inputs.workDir,
    metricsResources: { certPath: settings.metricsCertPath, keyPath: settings.metricsKeyPath },
    systemCaPath: settings.systemCaPath ?? machine.systemCaPath,
    ipv6Enabled: settings.ipv6Enabled && machine.hasIpv6,
    spireResources: { socketPath: settings.spireSocketPath },
  });
}

/** Kuma's names of what this proxy can do, in kuma-dp's order. */
function features(settings: DataplaneSettings): string[] {
  const announced: readonly (readonly [name: string, on: boolean])[] = [
    ['feature-tcp-accesslog-via-named-pipe', true],
    ['feature-bind-outbounds', settings.bindOutbounds],
    ['feature-delta-grpc', settings.xdsVariant === 'DELTA_GRPC'],
    ['feature-unified-resource-naming', settings.unifiedResourceNaming],
    ['feature-spire', settings.spireSupported],
    ['feature-readiness-unix-socket', !settings.readinessUnixSocketDisabled],
    ['feature-strict-inbound-ports', settings.strictInboundPorts],
    ['feature-reuse-port', settings.reusePort],
  ];
  return announced.filter(([, on]) => on).map(([name]) => name);
}
