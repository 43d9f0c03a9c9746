/** The kinds of proxies that ask for a bootstrap. */
export type ProxyType = 'dataplane' | 'ingress' | 'egress';

/** What a proxy told of itself in its bootstrap request, and tells again in the metadata of its Envoy node. */
export interface ProxyMetadata {
  readonly proxyType: ProxyType;
  /** `dataplane.admin.address` and `.port`: where Envoy's own admin API listens. */
  readonly adminAddress: string;
  readonly adminPort: number;
  /** `dataplane.dns.port`; 0 where there is none. */
  readonly dnsPort: number;
  /** `dataplane.readinessReporter.port`; 0 where readiness comes by unix socket alone or not at all. */
  readonly readinessPort: number;
  readonly workdir: string;
  /** Such as `feature-readiness-unix-socket`. */
  readonly features: ReadonlySet<string>;
  readonly systemCaPath: string;
  readonly ipv6Enabled: boolean;
  readonly metricsCertPath: string;
  readonly metricsKeyPath: string;
  readonly spireSocketPath: string;
  /** `dataplane.transparentProxy` as it was given, undefined without one. */
  readonly transparentProxy: unknown;
  /** Versions of kuma-dp and Envoy, with Kuma's member names. */
  readonly version: unknown;
  readonly dynamicMetadata: Readonly<Record<string, string>>;
}
