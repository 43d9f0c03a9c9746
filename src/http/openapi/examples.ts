import type { ResourceType } from '../../model/resource-type.ts';

const mesh = { kind: 'Mesh' };
const service = { kind: 'MeshService', name: 'backend', sectionName: '8080' };
const anyService = [{ match: { 'kuma.io/service': '*' } }];
const web = [{ match: { 'kuma.io/service': 'web' } }];
const backend = [{ match: { 'kuma.io/service': 'backend' } }];
const limits = { maxConnections: 1024, maxPendingRequests: 128, maxRetries: 3 };

/** One thing that each type can say, as the type's documents have it: under `spec` or beside the metadata. */
const examples: Readonly<Record<string, object>> = {
  AccessRole: {
    rules: [{ types: ['MeshTimeout', 'MeshRetry'], mesh: 'default', access: ['CREATE', 'UPDATE', 'DELETE'] }],
  },
  AccessRoleBinding: { subjects: [{ type: 'Group', name: 'payments' }], roles: ['timeouts'] },
  CircuitBreaker: {
    sources: anyService,
    destinations: backend,
    conf: {
      interval: '5s',
      baseEjectionTime: '30s',
      maxEjectionPercent: 20,
      detectors: { totalErrors: { consecutive: 20 } },
      thresholds: limits,
    },
  },
  Dataplane: {
    networking: {
      address: '10.0.0.7',
      inbound: [
        {
          port: 8080,
          servicePort: 80,
          serviceAddress: '127.0.0.1',
          tags: { 'kuma.io/service': 'web', 'kuma.io/protocol': 'http', version: 'v2' },
          serviceProbe: { interval: '1s', timeout: '1s', unhealthyThreshold: 3, tcp: {} },
        },
      ],
      outbound: [{ port: 10_000, tags: { 'kuma.io/service': 'backend' } }],
      admin: { port: 9901 },
    },
  },
  ExternalService: {
    networking: { address: 'payments.example:443', tls: { enabled: true, serverName: 'payments.example' } },
    tags: { 'kuma.io/service': 'payments', 'kuma.io/protocol': 'http' },
  },
  FaultInjection: {
    sources: [{ match: { 'kuma.io/service': 'web', 'kuma.io/protocol': 'http' } }],
    destinations: [{ match: { 'kuma.io/service': 'backend', 'kuma.io/protocol': 'http' } }],
    conf: { abort: { httpStatus: 503, percentage: 5 }, delay: { value: '2s', percentage: 10 } },
  },
  GlobalSecret: { data: 'c2VjcmV0' },
  HealthCheck: {
    sources: anyService,
    destinations: backend,
    conf: {
      interval: '10s',
      timeout: '2s',
      unhealthyThreshold: 3,
      healthyThreshold: 1,
      http: { path: '/ready', expectedStatuses: [200, 204] },
    },
  },
  HostnameGenerator: {
    selector: { meshService: { matchLabels: { team: 'payments' } } },
    template: '{{ .DisplayName }}.payments.mesh',
  },
  Mesh: {
    mtls: {
      enabledBackend: 'ca-1',
      backends: [
        { name: 'ca-1', type: 'builtin', mode: 'STRICT', dpCert: { rotation: { expiration: '24h' } } },
      ],
    },
    networking: { outbound: { passthrough: false } },
    meshServices: { mode: 'Exclusive' },
  },
  MeshAccessLog: {
    targetRef: mesh,
    to: [
      {
        targetRef: service,
        default: {
          backends: [
            {
              type: 'File',
              file: { path: '/dev/stdout', format: { type: 'Plain', plain: '%RESPONSE_CODE%' } },
            },
          ],
        },
      },
    ],
  },
  MeshCircuitBreaker: {
    to: [
      {
        targetRef: service,
        default: {
          connectionLimits: limits,
          outlierDetection: {
            interval: '5s',
            baseEjectionTime: '30s',
            maxEjectionPercent: 20,
            detectors: { totalFailures: { consecutive: 10 } },
          },
        },
      },
    ],
  },
  MeshExternalService: {
    match: { type: 'HostnameGenerator', port: 443, protocol: 'http' },
    endpoints: [{ address: 'payments.example', port: 443 }],
    tls: { enabled: true, verification: { serverName: 'payments.example' } },
  },
  MeshFaultInjection: {
    targetRef: { kind: 'Dataplane', labels: { app: 'backend' } },
    rules: [
      {
        matches: [{ spiffeID: { type: 'Prefix', value: 'spiffe://default/web' } }],
        default: { http: [{ abort: { httpStatus: 503, percentage: 5 } }] },
      },
    ],
  },
  MeshGateway: {
    selectors: [{ match: { 'kuma.io/service': 'edge' } }],
    conf: {
      listeners: [{ port: 8080, protocol: 'HTTP', hostname: 'shop.example', tags: { port: 'http' } }],
    },
  },
  MeshGatewayRoute: {
    selectors: [{ match: { 'kuma.io/service': 'edge' } }],
    conf: {
      http: {
        rules: [
          {
            matches: [{ path: { match: 'PREFIX', value: '/' } }],
            backends: [{ weight: 1, destination: { 'kuma.io/service': 'web' } }],
          },
        ],
      },
    },
  },
  MeshHTTPRoute: {
    targetRef: { kind: 'Dataplane', labels: { app: 'web' } },
    to: [
      {
        targetRef: service,
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/v2' } }],
            default: {
              filters: [
                {
                  type: 'RequestHeaderModifier',
                  requestHeaderModifier: { set: [{ name: 'x-version', value: '2' }] },
                },
              ],
              backendRefs: [{ kind: 'MeshService', name: 'backend-v2', port: 8080, weight: 1 }],
            },
          },
        ],
      },
    ],
  },
  MeshHealthCheck: {
    to: [
      {
        targetRef: service,
        default: {
          interval: '10s',
          timeout: '2s',
          unhealthyThreshold: 3,
          healthyThreshold: 1,
          http: { path: '/ready', expectedStatuses: [200] },
        },
      },
    ],
  },
  MeshIdentity: {
    selector: { dataplane: { matchLabels: {} } },
    spiffeID: { trustDomain: '{{ .Mesh }}.mesh.local', path: '/service/{{ .ServiceAccount }}' },
    provider: {
      type: 'Bundled',
      bundled: {
        meshTrustCreation: 'Enabled',
        insecureAllowSelfSigned: true,
        autogenerate: { enabled: true },
      },
    },
  },
  MeshLoadBalancingStrategy: {
    to: [
      {
        targetRef: service,
        default: {
          loadBalancer: { type: 'LeastRequest', leastRequest: { choiceCount: 3 } },
          localityAwareness: { disabled: true },
        },
      },
    ],
  },
  MeshMetric: {
    default: {
      applications: [{ name: 'app', path: '/metrics', port: 8888 }],
      backends: [{ type: 'Prometheus', prometheus: { port: 5670, path: '/metrics' } }],
    },
  },
  MeshMultiZoneService: {
    selector: { meshService: { matchLabels: { app: 'backend' } } },
    ports: [{ port: 8080, appProtocol: 'http' }],
  },
  MeshPassthrough: {
    default: {
      passthroughMode: 'Matched',
      appendMatch: [{ type: 'Domain', value: '*.example', port: 443, protocol: 'tls' }],
    },
  },
  MeshProxyPatch: {
    default: {
      appendModifications: [
        { cluster: { operation: 'Patch', match: { origin: 'outbound' }, value: 'connectTimeout: 2s' } },
      ],
    },
  },
  MeshRateLimit: {
    targetRef: { kind: 'Mesh', proxyTypes: ['Sidecar'] },
    rules: [{ default: { local: { http: { requestRate: { num: 100, interval: '1s' } } } } }],
  },
  MeshRetry: {
    to: [
      {
        targetRef: service,
        default: {
          http: { numRetries: 3, perTryTimeout: '1s', backOff: { baseInterval: '25ms' }, retryOn: ['5xx'] },
        },
      },
    ],
  },
  MeshService: {
    state: 'Available',
    selector: { dataplaneTags: { 'kuma.io/service': 'backend' } },
    ports: [{ name: 'http', port: 8080, targetPort: 80, appProtocol: 'http' }],
    identities: [{ type: 'ServiceTag', value: 'backend' }],
  },
  MeshTCPRoute: {
    to: [
      {
        targetRef: service,
        rules: [
          { default: { backendRefs: [{ kind: 'MeshService', name: 'backend-v2', port: 8080, weight: 1 }] } },
        ],
      },
    ],
  },
  MeshTLS: { rules: [{ default: { tlsVersion: { min: 'TLS12', max: 'TLS13' }, mode: 'Strict' } }] },
  MeshTimeout: {
    targetRef: mesh,
    to: [{ targetRef: service, default: { connectionTimeout: '2s', http: { requestTimeout: '5s' } } }],
  },
  MeshTrace: {
    default: {
      backends: [{ type: 'Zipkin', zipkin: { url: 'http://zipkin.example:9411/api/v2/spans' } }],
      sampling: { overall: 10 },
    },
  },
  MeshTrafficPermission: {
    targetRef: { kind: 'Dataplane', labels: { app: 'backend' } },
    rules: [{ default: { allow: [{ spiffeID: { type: 'Prefix', value: 'spiffe://default/web' } }] } }],
  },
  MeshTrust: {
    trustDomain: 'default.mesh.local',
    caBundles: [
      { type: 'Pem', pem: { value: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' } },
    ],
  },
  ProxyTemplate: {
    selectors: anyService,
    conf: {
      imports: ['default-proxy'],
      modifications: [{ cluster: { operation: 'patch', value: 'connectTimeout: 2s' } }],
    },
  },
  RateLimit: {
    sources: web,
    destinations: backend,
    conf: { http: { requests: 100, interval: '1s', onRateLimit: { status: 429 } } },
  },
  Retry: {
    sources: web,
    destinations: backend,
    conf: { http: { numRetries: 3, perTryTimeout: '1s', retryOn: ['all_5xx'] } },
  },
  Secret: { data: 'c2VjcmV0' },
  Timeout: {
    sources: web,
    destinations: backend,
    conf: { connectTimeout: '2s', http: { requestTimeout: '5s' } },
  },
  TrafficLog: { sources: web, destinations: backend, conf: { backend: 'file' } },
  TrafficPermission: { sources: web, destinations: backend },
  TrafficRoute: {
    sources: web,
    destinations: backend,
    conf: {
      split: [
        { weight: 90, destination: { 'kuma.io/service': 'backend', version: 'v1' } },
        { weight: 10, destination: { 'kuma.io/service': 'backend', version: 'v2' } },
      ],
    },
  },
  TrafficTrace: { selectors: anyService, conf: { backend: 'zipkin' } },
  VirtualOutbound: {
    selectors: anyService,
    conf: {
      host: '{{.service}}.mesh',
      port: '{{.port}}',
      parameters: [{ name: 'service', tagKey: 'kuma.io/service' }, { name: 'port' }],
    },
  },
  Workload: {},
  Zone: { enabled: true },
  ZoneEgress: { zone: 'default', networking: { address: '10.0.0.3', port: 10_002 } },
  ZoneIngress: {
    zone: 'default',
    networking: {
      address: '10.0.0.2',
      port: 10_001,
      advertisedAddress: '203.0.113.2',
      advertisedPort: 10_001,
    },
  },
};

/** A document of the type that is taken as it is; undefined for types that users do not write. */
export function exampleOf({ name, scope, layout, readOnly }: ResourceType): object | undefined {
  const spec = readOnly ? undefined : examples[name];
  return (
    spec && {
      type: name,
      ...(scope === 'Mesh' && { mesh: 'default' }),
      name: 'example',
      ...(layout === 'spec' ? { spec } : spec),
    }
  );
}
