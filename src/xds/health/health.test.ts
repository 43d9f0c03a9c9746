import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { HealthStatus } from '../../envoy/gen/envoy/config/core/v3/health_check_pb.ts';
import {
  type ClusterEndpointsHealthSchema,
  HealthCheckRequestOrEndpointHealthResponseSchema,
  HealthCheckSpecifierSchema,
} from '../../envoy/gen/envoy/service/health/v3/hds_pb.ts';
import { type DataplaneSpec, dataplaneSchema } from '../../model/types/dataplane.ts';
import { applyReport } from './apply-report.ts';
import { readHealthMessage } from './report.ts';
import { defaultHealthSettings, healthCheckSpecifier } from './specifier.ts';

function dataplane(inbound: unknown[], rest: object = {}): DataplaneSpec {
  return dataplaneSchema.parse({ networking: { address: '10.0.0.1', inbound, ...rest } });
}

function specifier(spec: DataplaneSpec, adminPort = 9901, unifiedNaming = false) {
  const settings = defaultHealthSettings;
  return fromBinary(
    HealthCheckSpecifierSchema,
    healthCheckSpecifier({ dataplane: spec, adminPort, unifiedNaming, settings }),
  );
}

describe('healthCheckSpecifier', () => {
  it('checks Envoy itself and the ports that have a probe', () => {
    const spec = dataplane([
      { port: 80, servicePort: 8080, serviceAddress: '127.0.0.1', serviceProbe: { tcp: {} } },
      { port: 81 },
      {
        port: 82,
        serviceProbe: { interval: '10s', timeout: '3s', unhealthyThreshold: 4, healthyThreshold: 5 },
      },
    ]);
    const { interval, clusterHealthChecks } = specifier(spec);
    expect(interval).toMatchObject({ seconds: 5n });
    const [admin, first, second] = clusterHealthChecks;
    expect(clusterHealthChecks.map(({ clusterName }) => clusterName)).toEqual([
      'kuma:envoy:admin',
      'localhost:8080',
      'localhost:82',
    ]);
    expect(admin?.healthChecks[0]?.healthChecker).toMatchObject({
      case: 'httpHealthCheck',
      value: { path: '/ready' },
    });
    expect(first?.localityEndpoints[0]?.endpoints[0]?.address?.address).toMatchObject({
      value: { address: '127.0.0.1', portSpecifier: { value: 8080 } },
    });
    expect(first?.healthChecks[0]).toMatchObject({
      timeout: { seconds: 2n },
      interval: { seconds: 1n },
      noTrafficInterval: { seconds: 1n },
      healthyThreshold: 1,
      unhealthyThreshold: 1,
      healthChecker: { case: 'tcpHealthCheck' },
    });
    expect(second?.healthChecks[0]).toMatchObject({
      timeout: { seconds: 3n },
      interval: { seconds: 10n },
      healthyThreshold: 5,
      unhealthyThreshold: 4,
    });
    expect(first?.upstreamBindConfig).toBeUndefined();
  });

  it('uses the newer name where the proxy does, and leaves out an Envoy without an admin API', () => {
    const spec = dataplane([{ port: 80 }]);
    expect(specifier(spec, 9901, true).clusterHealthChecks[0]?.clusterName).toBe('system_envoy_admin');
    expect(specifier(spec, 0).clusterHealthChecks).toEqual([]);
  });

  it.each([
    { address: '10.0.0.1', source: '127.0.0.6' },
    { address: 'fd00::1', source: '::6' },
    { address: '127.0.0.1', source: undefined },
  ])('gets through a transparent proxy to $address from $source', ({ address, source }) => {
    const spec = dataplane([{ port: 80, serviceAddress: address, serviceProbe: {} }], {
      transparentProxying: { redirectPortInbound: 15006, redirectPortOutbound: 15001 },
    });
    const [, check] = specifier(spec).clusterHealthChecks;
    expect(check?.upstreamBindConfig?.sourceAddress?.address).toBe(source);
  });
});

function cluster(
  clusterName: string,
  ...healthStatus: HealthStatus[]
): MessageInitShape<typeof ClusterEndpointsHealthSchema> {
  return {
    clusterName,
    localityEndpointsHealth: healthStatus.map((status) => ({ endpointsHealth: [{ healthStatus: status }] })),
  };
}

function report(...clusterEndpointsHealth: MessageInitShape<typeof ClusterEndpointsHealthSchema>[]) {
  const schema = HealthCheckRequestOrEndpointHealthResponseSchema;
  return readHealthMessage(
    toBinary(
      schema,
      create(schema, { requestType: { case: 'endpointHealthResponse', value: { clusterEndpointsHealth } } }),
    ),
  );
}

describe('readHealthMessage', () => {
  it('reads a report', () => {
    const message = report(
      cluster('kuma:envoy:admin', HealthStatus.HEALTHY),
      cluster('localhost:80', HealthStatus.HEALTHY),
      cluster('localhost:81', HealthStatus.UNHEALTHY),
      cluster('localhost:82', HealthStatus.TIMEOUT),
      cluster('localhost:83', HealthStatus.UNKNOWN),
      cluster('localhost:84'),
      cluster('localhost:http', HealthStatus.UNHEALTHY),
      cluster('another', HealthStatus.UNHEALTHY),
    );
    expect(message).toEqual({
      kind: 'report',
      report: {
        envoy: true,
        ports: new Map([
          [80, true],
          [81, false],
          [82, false],
          [83, true],
        ]),
      },
    });
  });

  it.each(['kuma:envoy:admin', 'system_envoy_admin'])('hears from %s that Envoy drains', (name) => {
    expect(report(cluster(name, HealthStatus.UNHEALTHY))).toMatchObject({ report: { envoy: false } });
  });

  it('reads who it is', () => {
    const schema = HealthCheckRequestOrEndpointHealthResponseSchema;
    const request = create(schema, {
      requestType: { case: 'healthCheckRequest', value: { node: { id: 'm.n' } } },
    });
    expect(readHealthMessage(toBinary(schema, request))).toMatchObject({
      kind: 'request',
      node: { id: 'm.n' },
    });
    expect(readHealthMessage(new Uint8Array())).toEqual({ kind: 'request', node: undefined });
  });

  it('refuses what is no message', () => {
    expect(() => readHealthMessage(Buffer.from([0xff, 0xff]))).toThrow('cannot be read');
  });
});

describe('applyReport', () => {
  const ready = { port: 80, state: 'Ready', health: { ready: true } };
  const notReady = { port: 80, state: 'NotReady', health: {} };
  const ignored = { port: 80, state: 'Ignored' };

  it.each([
    { note: 'a port that answers stays', before: ready, envoy: true, port: true, after: undefined },
    { note: 'one that does not goes', before: ready, envoy: true, port: false, after: notReady },
    { note: 'one that answers again comes back', before: notReady, envoy: true, port: true, after: ready },
    {
      note: 'one that still does not stays away',
      before: notReady,
      envoy: true,
      port: false,
      after: undefined,
    },
    { note: 'all go when Envoy drains', before: ready, envoy: false, port: true, after: notReady },
    {
      note: 'one without a probe goes with Envoy',
      before: { port: 80 },
      envoy: false,
      port: undefined,
      after: notReady,
    },
    {
      note: 'one without a probe stays with Envoy',
      before: { port: 80 },
      envoy: true,
      port: undefined,
      after: undefined,
    },
    { note: 'an ignored one stays so', before: ignored, envoy: false, port: false, after: undefined },
  ])('$note', ({ before, envoy, port, after }) => {
    const ports = new Map(port === undefined ? [] : [[80, port]]);
    const changed = applyReport(dataplane([before]), { envoy, ports });
    expect(changed).toEqual(after === undefined ? undefined : dataplane([after]));
  });

  it('goes by the port of the workload', () => {
    const spec = dataplane([{ port: 80, servicePort: 8080 }, { port: 81 }]);
    const changed = applyReport(spec, { envoy: true, ports: new Map([[8080, false]]) });
    expect(changed?.networking?.inbound?.map(({ state }) => state)).toEqual(['NotReady', undefined]);
    expect(applyReport(dataplaneSchema.parse({}), { envoy: false, ports: new Map() })).toBeUndefined();
  });
});
