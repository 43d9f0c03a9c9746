import {
  count,
  duration,
  flag,
  oneOf,
  optionalText,
  port,
  type SettingSource,
  secret,
  text,
} from './setting.ts';

/** The values of all settings of `kumulus dp run`. */
export type DataplaneSettings = ReturnType<typeof readSettings>;

/**
 * Every setting of `kumulus dp run`, with the names and defaults of kuma-dp 2.13, so that its unit files, containers and
 * scripts go on working. `--dns-enabled` alone has another default: there is no DNS server here.
 */
export function readSettings(source: SettingSource) {
  return {
    ...controlPlaneSettings(source),
    ...proxySettings(source),
    ...envoySettings(source),
    ...featureSettings(source),
  };
}

function controlPlaneSettings(source: SettingSource) {
  return {
    controlPlaneUrl: text(source, 'https://localhost:5678', {
      flag: '--cp-address <url>',
      env: 'KUMA_CONTROL_PLANE_URL',
      help: "the control plane's data plane server; its path is replaced by /bootstrap (default: https://localhost:5678)",
    }),
    caCertFile: optionalText(source, undefined, {
      flag: '--ca-cert-file <path>',
      env: 'KUMA_CONTROL_PLANE_CA_CERT_FILE',
      help: 'PEM file with the CA that the control plane is verified by (default: what the system trusts)',
    }),
    caCert: optionalText(source, undefined, {
      env: 'KUMA_CONTROL_PLANE_CA_CERT',
      help: 'that CA itself; goes before the file',
    }),
    skipVerify: flag(source, false, {
      flag: '--skip-verify [boolean]',
      env: 'KUMA_CONTROL_PLANE_TLS_SKIP_VERIFY',
      help: 'do not verify the control plane (insecure, for tests)',
    }),
    retryBackoff: duration(source, 3_000, {
      env: 'KUMA_CONTROL_PLANE_RETRY_BACKOFF',
      help: 'the first delay between tries, which doubles up to 30s, with full jitter (default: 3s)',
    }),
    retryMaxDuration: duration(source, 300_000, {
      env: 'KUMA_CONTROL_PLANE_RETRY_MAX_DURATION',
      help: 'for how long an unreachable control plane is tried (default: 5m)',
    }),
  };
}

function proxySettings(source: SettingSource) {
  return {
    dataplaneFile: optionalText(source, undefined, {
      flag: '-d, --dataplane-file <path>',
      env: 'KUMA_DATAPLANE_RUNTIME_RESOURCE_PATH',
      help: 'the Dataplane, ZoneIngress or ZoneEgress as YAML or JSON, a Mustache template; - is standard input',
    }),
    dataplane: optionalText(source, undefined, {
      flag: '--dataplane <text>',
      env: 'KUMA_DATAPLANE_RUNTIME_RESOURCE',
      help: 'the same, inline',
    }),
    name: text(source, '', {
      flag: '--name <name>',
      env: 'KUMA_DATAPLANE_NAME',
      help: 'without a file: the name of a Dataplane that is in the control plane',
    }),
    mesh: text(source, '', { flag: '--mesh <mesh>', env: 'KUMA_DATAPLANE_MESH', help: 'and its mesh' }),
    proxyType: oneOf(source, ['dataplane', 'ingress', 'egress'], 'dataplane', {
      flag: '--proxy-type <type>',
      env: 'KUMA_DATAPLANE_PROXY_TYPE',
      help: 'dataplane, ingress or egress (default: dataplane)',
    }),
    tokenFile: optionalText(source, undefined, {
      flag: '--dataplane-token-file <path>',
      env: 'KUMA_DATAPLANE_RUNTIME_TOKEN_PATH',
      help: "file with this proxy's token",
    }),
    token: secret(source, undefined, {
      flag: '--dataplane-token <token>',
      env: 'KUMA_DATAPLANE_RUNTIME_TOKEN',
      help: 'the token itself; the list of processes shows it, so prefer the file',
    }),
    drainTime: duration(source, 30_000, {
      flag: '--drain-time <duration>',
      env: 'KUMA_DATAPLANE_DRAIN_TIME',
      help: 'how long connections may go on after SIGTERM; a second signal cuts it short (default: 30s)',
    }),
    readinessUnixSocketDisabled: flag(source, false, {
      env: 'KUMA_READINESS_UNIX_SOCKET_DISABLED',
      help: 'report readiness on a port instead of a unix socket',
    }),
    readinessPort: port(source, 9_902, {
      env: 'KUMA_READINESS_PORT',
      help: "that port, on the address of Envoy's admin API (default: 9902)",
    }),
  };
}

function envoySettings(source: SettingSource) {
  return {
    binaryPath: optionalText(source, undefined, {
      flag: '--binary-path <path>',
      env: 'KUMA_DATAPLANE_RUNTIME_BINARY_PATH',
      help: "Envoy's path, or its name on PATH (default: ENVOY_PATH, then envoy on PATH)",
    }),
    concurrency: count(source, 0, {
      flag: '--concurrency <threads>',
      env: 'KUMA_DATAPLANE_RUNTIME_CONCURRENCY',
      help: "Envoy's worker threads; 0 is one for each CPU that it may use (default: 0)",
    }),
    workDir: optionalText(source, undefined, {
      flag: '--work-dir, --workdir <path>',
      env: 'KUMA_DATAPLANE_RUNTIME_WORK_DIR',
      help: 'folder for the bootstrap and sockets (default: a temporary one, removed at the end)',
    }),
    configDir: optionalText(source, undefined, {
      flag: '--config-dir <path>',
      env: 'KUMA_DATAPLANE_RUNTIME_CONFIG_DIR',
      help: 'older name of --work-dir',
    }),
    logLevel: oneOf(source, ['debug', 'info', 'warn', 'error', 'off'], 'info', {
      flag: '--log-level <level>',
      help: 'debug, info, warn, error or off (default: info)',
    }),
    envoyLogLevel: oneOf(
      source,
      ['', 'trace', 'debug', 'info', 'warning', 'warn', 'error', 'critical', 'off'],
      '',
      {
        flag: '--envoy-log-level <level>',
        env: 'KUMA_DATAPLANE_RUNTIME_ENVOY_LOG_LEVEL',
        help: 'trace, debug, info, warning, error, critical or off (default: --log-level)',
      },
    ),
    envoyComponentLogLevel: optionalText(source, undefined, {
      flag: '--envoy-component-log-level <levels>',
      env: 'KUMA_DATAPLANE_RUNTIME_ENVOY_COMPONENT_LOG_LEVEL',
      help: "Envoy's --component-log-level, such as upstream:debug,connection:trace",
    }),
    maxMemoryBytes: count(source, 0, {
      env: 'KUMA_DATAPLANE_RESOURCES_MAX_MEMORY_BYTES',
      help: "what Envoy's heap may grow to (default: the limit of the cgroup)",
    }),
  };
}

function featureSettings(source: SettingSource) {
  return {
    dnsEnabled: flag(source, false, {
      flag: '--dns-enabled [boolean]',
      env: 'KUMA_DNS_ENABLED',
      help: 'kuma-dp runs CoreDNS with it; not available here, and off',
    }),
    dnsPort: port(source, 15_054, {
      flag: '--dns-envoy-port <port>',
      env: 'KUMA_DNS_ENVOY_DNS_PORT',
      help: "port of Envoy's DNS listener with a transparent proxy (default: 15054)",
    }),
    bindOutbounds: flag(source, false, {
      flag: '--bind-outbounds [boolean]',
      env: 'KUMA_DATAPLANE_RUNTIME_BIND_OUTBOUNDS',
      help: 'ask for outbounds on real loopback addresses',
    }),
    metricsCertPath: text(source, '', {
      flag: '--metrics-cert-path <path>',
      env: 'KUMA_DATAPLANE_RUNTIME_METRICS_CERT_PATH',
      help: "certificate of the metrics' listener",
    }),
    metricsKeyPath: text(source, '', {
      flag: '--metrics-key-path <path>',
      env: 'KUMA_DATAPLANE_RUNTIME_METRICS_KEY_PATH',
      help: 'its key',
    }),
    systemCaPath: optionalText(source, undefined, {
      env: 'KUMA_DATAPLANE_RUNTIME_DYNAMIC_SYSTEM_CA_PATH',
      help: "the system's bundle of CAs (default: looked for)",
    }),
    xdsVariant: oneOf(source, ['', 'DELTA_GRPC', 'GRPC'], '', {
      env: 'KUMA_DATAPLANE_RUNTIME_ENVOY_XDS_TRANSPORT_PROTOCOL_VARIANT',
      help: 'DELTA_GRPC asks for the incremental protocol',
    }),
    unifiedResourceNaming: flag(source, false, {
      env: 'KUMA_DATAPLANE_RUNTIME_UNIFIED_RESOURCE_NAMING_ENABLED',
      help: 'ask for names of Envoy resources by KRI',
    }),
    ipv6Enabled: flag(source, true, {
      env: 'KUMA_DATAPLANE_RUNTIME_IPV6_ENABLED',
      help: 'false where Envoy must not use IPv6 though the machine has it (default: true)',
    }),
    spireSupported: flag(source, false, {
      env: 'KUMA_DATAPLANE_RUNTIME_SPIRE_SUPPORTED',
      help: 'a SPIRE agent gives this proxy its identity',
    }),
    spireSocketPath: text(source, '', {
      env: 'KUMA_DATAPLANE_RUNTIME_SPIRE_SOCKET_PATH',
      help: "that agent's socket",
    }),
    strictInboundPorts: flag(source, true, {
      env: 'KUMA_DATAPLANE_RUNTIME_STRICT_INBOUND_PORTS_ENABLED',
      help: 'refuse traffic to ports that are no inbounds, with a transparent proxy (default: true)',
    }),
    reusePort: flag(source, true, {
      env: 'KUMA_DATAPLANE_RUNTIME_REUSE_PORT_ENABLED',
      help: 'ask for listeners with SO_REUSEPORT (default: true)',
    }),
    applicationProbeProxyPort: port(source, 0, {
      env: 'KUMA_APPLICATION_PROBE_PROXY_PORT',
      help: "port of kuma-dp's proxy for probes; not available here",
    }),
  };
}
