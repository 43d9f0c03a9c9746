import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { externalServiceType } from '../../src/model/types/external-service.ts';
import { meshGatewayType } from '../../src/model/types/mesh-gateway/type.ts';
import { legacyPolicyTypes } from '../../src/policies/legacy/index.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

const selectors = [{ match: { 'kuma.io/service': 'web' } }];
const between = { sources: selectors, destinations: selectors };
const destination = { 'kuma.io/service': 'backend' };

/** A sound resource of each type, as it is printed. */
const fields: Readonly<Record<string, object>> = {
  CircuitBreaker: { ...between, conf: { thresholds: { maxConnections: 5 } } },
  ExternalService: { networking: { address: 'httpbin.org:80' }, tags: { 'kuma.io/service': 'httpbin' } },
  FaultInjection: {
    sources: selectors,
    destinations: [{ match: { 'kuma.io/protocol': 'http' } }],
    conf: { delay: { percentage: 50, value: '1s' } },
  },
  HealthCheck: {
    ...between,
    conf: { interval: '1s', timeout: '1s', unhealthyThreshold: 1, healthyThreshold: 1 },
  },
  MeshGateway: { selectors, conf: { listeners: [{ port: 80, protocol: 'HTTP' }] } },
  MeshGatewayRoute: { selectors, conf: { tcp: { rules: [{ backends: [{ weight: 1, destination }] }] } } },
  ProxyTemplate: { selectors, conf: { imports: ['default-proxy'] } },
  RateLimit: { ...between, conf: { http: { requests: 1, interval: '1s' } } },
  Retry: { ...between, conf: { tcp: { maxConnectAttempts: 5 } } },
  Timeout: { ...between, conf: { connectTimeout: '1s' } },
  TrafficLog: { ...between, conf: { backend: 'file' } },
  TrafficPermission: between,
  TrafficRoute: { ...between, conf: { destination } },
  TrafficTrace: { selectors, conf: { backend: 'zipkin' } },
  VirtualOutbound: {
    selectors,
    conf: {
      host: '{{.service}}.mesh',
      port: '80',
      parameters: [{ name: 'service', tagKey: 'kuma.io/service' }],
    },
  },
};

const types = [...legacyPolicyTypes, externalServiceType, meshGatewayType];
let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['default']);
});
afterAll(() => api.close());

describe('the older types', () => {
  it.each(types.map((type) => [type.name, type] as const))('%s is written and read', async (_, type) => {
    const collection = `/meshes/default/${type.path}`;
    const path = `${collection}/a`;
    const body = { type: type.name, mesh: 'default', name: 'a', ...fields[type.name] };
    expect((await api.request('PUT', path, { body })).status).toBe(201);
    expect((await api.request('PUT', path, { body })).status).toBe(200);

    // Only what zones make says where it comes from; only what has a short name has an identifier.
    const { body: read } = await api.request('GET', path);
    expect(read).toEqual({
      ...body,
      creationTime: expect.any(String),
      modificationTime: expect.any(String),
      labels: {
        'kuma.io/mesh': 'default',
        ...(type === meshGatewayType && {
          'kuma.io/origin': 'zone',
          'kuma.io/zone': 'default',
          'kuma.io/env': 'universal',
        }),
      },
      ...(type === meshGatewayType && { kri: 'kri_mgw_default_default__a_' }),
    });
    for (const list of [collection, `/${type.path}`]) {
      expect((await api.request('GET', list)).body).toEqual({ total: 1, items: [read], next: null });
    }
    expect((await api.request('DELETE', path)).status).toBe(200);
    expect((await api.request('GET', path)).status).toBe(404);
  });

  it('are told from those that have a targetRef', async () => {
    const { body } = await api.request('GET', '/policies');
    const policies: readonly object[] = Object(body).policies;
    expect(policies.filter((policy) => Reflect.get(policy, 'isTargetRefBased') === false)).toEqual(
      [...legacyPolicyTypes].map(({ name, path, singularDisplayName, pluralDisplayName }) => ({
        name,
        path,
        singularDisplayName,
        pluralDisplayName,
        readOnly: false,
        isExperimental: false,
        isTargetRefBased: false,
        isInbound: false,
        isOutbound: false,
      })),
    );
  });
});
