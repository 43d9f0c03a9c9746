import { join } from 'node:path/posix';
import type { BootstrapRequest } from './request.ts';
import type { BootstrapSettings } from './settings.ts';
import { accessLogCluster, adsCluster, type ControlPlaneAddress, grpcService } from './static-clusters.ts';

/** All that one proxy's bootstrap is made of. */
export interface BootstrapInput {
  readonly request: BootstrapRequest;
  readonly settings: BootstrapSettings;
  /** `dataplane`, `ingress` or `egress`. */
  readonly proxyType: string;
  /** `node.cluster`: the service that names the proxy, or the kind of zone proxy. */
  readonly service: string;
  /** 0 for no admin API. */
  readonly adminPort: number;
  readonly builtinGateway: boolean;
  /** The names of Envoy's resources in the mesh are Kuma's newer ones. */
  readonly unifiedNaming: boolean;
  readonly controlPlane: ControlPlaneAddress;
}

/** A part of the document. Absent members are left out. */
type Part = Readonly<Record<string, unknown>>;

const any = (type: string, members: Part = {}): Part => ({
  '@type': `type.googleapis.com/${type}`,
  ...members,
});

/** Kuma's rules for the tags of Envoy's statistics. */
const statsTags = [
  { tagName: 'name', regex: '^grpc\\.((.+)\\.)' },
  { tagName: 'status', regex: '^grpc.*streams_closed(_([0-9]+))' },
  { tagName: 'kafka_name', regex: '^kafka(\\.(\\S*[0-9]))\\.' },
  { tagName: 'kafka_type', regex: '^kafka\\..*\\.(.*?(?=_duration|$))' },
  { tagName: 'worker', regex: '(worker_([0-9]+)\\.)' },
  { tagName: 'listener', regex: '((.+?)\\.)rbac\\.' },
];

const overAds = { ads: {}, resourceApiVersion: 'V3' };

/** proto3's JSON leaves out what has the default of its type. */
function filled(part: Part): Part {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== '' && value !== false));
}

function nodeMetadata(input: BootstrapInput): Part {
  const { request, settings, adminPort, proxyType } = input;
  const { version, dataplaneConfig } = request;
  return {
    version: { kumaDp: filled(version.kumaDp), envoy: filled(version.envoy) },
    features: [...new Set(request.features)],
    workdir: request.workdir,
    metricsCertPath: request.metricsResources.certPath,
    metricsKeyPath: request.metricsResources.keyPath,
    systemCaPath: request.systemCaPath,
    ipv6Enabled: request.ipv6Enabled,
    'spireAgent.socketPath': request.spireResources.socketPath,
    ...(request.dataplaneResource === '' ? {} : { 'dataplane.resource': request.dataplaneResource }),
    ...(adminPort === 0
      ? {}
      : { 'dataplane.admin.port': String(adminPort), 'dataplane.admin.address': settings.adminAddress }),
    ...(request.dnsPort === 0 ? {} : { 'dataplane.dns.port': String(request.dnsPort) }),
    ...(request.readinessPort === 0
      ? {}
      : { 'dataplane.readinessReporter.port': String(request.readinessPort) }),
    ...(request.appProbeProxyDisabled ? { 'dataplane.appProbeProxy.enabled': 'true' } : {}),
    'dataplane.proxyType': proxyType,
    ...(Object.keys(request.dynamicMetadata).length === 0
      ? {}
      : { dynamicMetadata: request.dynamicMetadata }),
    ...(dataplaneConfig === undefined || dataplaneConfig === null
      ? {}
      : { transparentProxy: dataplaneConfig }),
  };
}

function admin(input: BootstrapInput): Part {
  const { settings, adminPort } = input;
  if (adminPort === 0) {
    return {};
  }
  const accessLog = {
    name: 'envoy.access_loggers.file',
    typedConfig: any('envoy.extensions.access_loggers.file.v3.FileAccessLog', {
      path: settings.adminAccessLogPath,
    }),
  };
  return {
    admin: {
      ...(settings.adminAccessLogPath === '' ? {} : { accessLog: [accessLog] }),
      address: { socketAddress: { address: settings.adminAddress, portValue: adminPort } },
    },
  };
}

const maxConnectionsMonitor = 'envoy.resource_monitors.global_downstream_max_connections';
const heapMonitor = 'envoy.resource_monitors.fixed_heap';

/** Bounds for what faces the world: connections, and heap where the proxy said how much it has. */
function overloadManager(input: BootstrapInput): Part {
  if (!input.builtinGateway) {
    return {};
  }
  const heap = input.request.resources.maxHeapSizeBytes;
  const connections = {
    name: maxConnectionsMonitor,
    typedConfig: any(
      'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
      {
        maxActiveDownstreamConnections: String(input.settings.gatewayMaxConnections || 50_000),
      },
    ),
  };
  const memory = {
    name: heapMonitor,
    typedConfig: any('envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig', {
      maxHeapSizeBytes: String(heap),
    }),
  };
  const action = (name: string, value: number) => ({
    name: `envoy.overload_actions.${name}`,
    triggers: [{ name: heapMonitor, threshold: { value } }],
  });
  return {
    overloadManager: {
      refreshInterval: '0.250s',
      resourceMonitors: heap === 0 ? [connections] : [connections, memory],
      ...(heap === 0
        ? {}
        : { actions: [action('shrink_heap', 0.95), action('stop_accepting_requests', 0.98)] }),
    },
  };
}

function runtimeLayers(input: BootstrapInput): readonly Part[] {
  const limits = {
    name: 'kuma',
    staticLayer: {
      're2.max_program_size.error_level': 4_294_967_295,
      're2.max_program_size.warn_level': 1000,
    },
  };
  const gateway = {
    name: 'gateway.listeners',
    rtdsLayer: { name: 'gateway.listeners', rtdsConfig: overAds },
  };
  return input.builtinGateway ? [limits, gateway] : [limits];
}

function validationContext({ host, ca }: ControlPlaneAddress): Part {
  return {
    name: 'cp_validation_ctx',
    validationContext: {
      matchTypedSubjectAltNames: ['DNS', 'IP_ADDRESS'].map((sanType) => ({
        sanType,
        matcher: { exact: host },
      })),
      trustedCa: { inlineBytes: Buffer.from(ca).toString('base64') },
    },
  };
}

/**
 * Envoy's bootstrap (`envoy.config.bootstrap.v3.Bootstrap`) in the JSON form of protobuf, as Kuma 2.13 writes it. Plain
 * data; whoever sends it writes it as YAML.
 */
export function envoyBootstrap(input: BootstrapInput): Part {
  const { request, settings, controlPlane, unifiedNaming } = input;
  const names = unifiedNaming
    ? { ads: 'system_ads', accessLog: 'system_access_log_sink' }
    : { ads: 'ads_cluster', accessLog: 'access_log_sink' };
  const tokenFile = settings.reloadableTokens ? request.dataplaneTokenPath : '';
  const service = grpcService({ cluster: names.ads, token: request.dataplaneToken, tokenFile, controlPlane });
  const delta = settings.deltaXds || request.features.includes('feature-delta-grpc');
  const apiConfig = { transportApiVersion: 'V3', setNodeOnFirstMessageOnly: true, grpcServices: [service] };
  const socket = join(request.workdir, `kuma-al-${request.name}-${request.mesh}`);
  const clusters = [
    accessLogCluster({ name: names.accessLog, socket, connectTimeoutMs: settings.xdsConnectTimeoutMs }),
    ...(tokenFile === ''
      ? [adsCluster({ name: names.ads, controlPlane, connectTimeoutMs: settings.xdsConnectTimeoutMs })]
      : []),
  ];
  return {
    node: { id: `${request.mesh}.${request.name}`, cluster: input.service, metadata: nodeMetadata(input) },
    layeredRuntime: { layers: runtimeLayers(input) },
    statsConfig: { statsTags },
    dynamicResources: {
      ldsConfig: { ...overAds, initialFetchTimeout: '0s' },
      cdsConfig: { ...overAds, initialFetchTimeout: '0s' },
      adsConfig: { apiType: delta ? 'DELTA_GRPC' : 'GRPC', ...apiConfig },
    },
    staticResources: { secrets: [validationContext(controlPlane)], clusters },
    defaultRegexEngine: {
      name: 'envoy.regex_engines.google_re2',
      typedConfig: any('envoy.extensions.regex_engines.v3.GoogleRE2'),
    },
    ...(settings.hdsEnabled && input.proxyType === 'dataplane'
      ? { hdsConfig: { apiType: 'GRPC', ...apiConfig } }
      : {}),
    ...overloadManager(input),
    ...admin(input),
  };
}
