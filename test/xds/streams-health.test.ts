import { createServer, type Server } from 'node:net';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../dev/tools/free-port.ts';
import { HealthStatus } from '../../src/envoy/gen/envoy/config/core/v3/health_check_pb.ts';
import {
  HealthCheckSpecifierSchema,
  HealthCheckRequestOrEndpointHealthResponseSchema as MessageSchema,
} from '../../src/envoy/gen/envoy/service/health/v3/hds_pb.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { type DataplaneSpec, dataplaneSchema } from '../../src/model/types/dataplane.ts';
import type { HealthHello, HealthReport, HealthSource } from '../../src/xds/health/health-session.ts';
import { relayService } from '../../src/xds/server/grpc-service.ts';
import { connectClient, node, openStream } from './ads-client.ts';
import { startEnvoy } from './envoy-fixture.ts';
import { createSessions, startRelay, type TestRelay } from './relay-fixture.ts';
import { relayWorld } from './relay-world.ts';

const spec = dataplaneSchema.parse({
  networking: { address: '10.0.0.1', inbound: [{ port: 80, serviceProbe: { tcp: {} } }] },
});

/** A source whose Dataplane and answers the test hands in. */
function createSource() {
  const state = {
    hellos: [] as HealthHello[],
    reports: [] as HealthReport[],
    closed: 0,
    refuse: undefined as KumulusError | undefined,
    failReports: false,
    publish: (_dataplane: DataplaneSpec) => {},
    end: (_reason: KumulusError) => {},
  };
  const source: HealthSource = {
    async open(hello) {
      state.hellos.push(hello);
      if (state.refuse !== undefined) {
        throw state.refuse;
      }
      return {
        onDataplane: (listener) => (state.publish = listener),
        onEnd: (listener) => (state.end = listener),
        async report(report) {
          state.reports.push(report);
          if (state.failReports) {
            throw new Error('the store is away');
          }
        },
        close: () => (state.closed += 1),
      };
    },
  };
  return { source, state };
}

function openHealth(relay: TestRelay, token?: string) {
  return openStream<MessageInitShape<typeof MessageSchema>, ReturnType<typeof readSpecifier>>(
    connectClient(relay),
    relayService.StreamHealthCheck.path,
    token,
    (init) => toBinary(MessageSchema, create(MessageSchema, init)),
    readSpecifier,
  );
}

function readSpecifier(bytes: Uint8Array) {
  return fromBinary(HealthCheckSpecifierSchema, bytes).clusterHealthChecks.map(
    ({ clusterName }) => clusterName,
  );
}

const hello = (name: string): MessageInitShape<typeof MessageSchema> => ({
  requestType: {
    case: 'healthCheckRequest',
    value: { node: node(name, { 'dataplane.admin.port': '9901' }) },
  },
});

const found = (port: number, healthStatus: HealthStatus): MessageInitShape<typeof MessageSchema> => ({
  requestType: {
    case: 'endpointHealthResponse',
    value: {
      clusterEndpointsHealth: [
        {
          clusterName: `localhost:${port}`,
          localityEndpointsHealth: [{ endpointsHealth: [{ healthStatus }] }],
        },
      ],
    },
  },
});

describe('a stream of health checks', () => {
  it('is told what to check, and what it finds is passed on when it changes', async () => {
    const { source, state } = createSource();
    const relay = await startRelay({ sessions: createSessions(() => undefined), health: source });
    const stream = openHealth(relay, 'tok');
    stream.send(hello('web'));
    await expect.poll(() => state.hellos.length).toBe(1);
    expect(state.hellos[0]).toMatchObject({ tenant: 'default', token: 'tok', mesh: 'default', name: 'web' });
    await expect.poll(() => relay.server.load.streams).toBe(1);
    state.publish(spec);
    state.publish({ ...spec });
    expect(await stream.next()).toEqual(['kuma:envoy:admin', 'localhost:80']);

    stream.send(found(80, HealthStatus.HEALTHY));
    stream.send(found(80, HealthStatus.HEALTHY));
    stream.send(found(80, HealthStatus.UNHEALTHY));
    await expect.poll(() => state.reports.length).toBe(2);
    expect(state.reports.map(({ ports }) => ports.get(80))).toEqual([true, false]);
    expect(stream.pending).toEqual([]);
    stream.close();
    await expect.poll(() => state.closed).toBe(1);
  });

  it('tells again what could not be kept', async () => {
    const { source, state } = createSource();
    const relay = await startRelay({ sessions: createSessions(() => undefined), health: source });
    const stream = openHealth(relay);
    stream.send(hello('web'));
    state.failReports = true;
    stream.send(found(80, HealthStatus.UNHEALTHY));
    await expect.poll(() => state.reports.length).toBe(1);
    state.failReports = false;
    stream.send(found(80, HealthStatus.UNHEALTHY));
    await expect.poll(() => state.reports.length).toBe(2);
  });

  it('ends where the proxy is refused, or the control plane says so', async () => {
    const { source, state } = createSource();
    const relay = await startRelay({ sessions: createSessions(() => undefined), health: source });
    const first = openHealth(relay);
    first.send(hello('web'));
    await expect.poll(() => state.hellos.length).toBe(1);
    state.end(new KumulusError('forbidden', 'not yours'));
    expect(await first.status).toMatchObject({ code: status.PERMISSION_DENIED, details: 'not yours' });
    expect(state.closed).toBe(1);
    state.refuse = new KumulusError('unauthenticated', 'bad token');
    const second = openHealth(relay);
    second.send(hello('web'));
    expect(await second.status).toMatchObject({ code: status.UNAUTHENTICATED });
    const third = openHealth(relay);
    third.sendRaw(Buffer.from([0xff]));
    expect((await third.status).code).toBe(status.INVALID_ARGUMENT);
  });
});

describe('the health of a workload, found by Envoy', () => {
  function listen(port: number): Promise<Server> {
    const server = createServer((socket) => socket.destroy());
    onTestFinished(() => {
      server.close();
    });
    return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
  }

  it('decides whether its inbound takes traffic', async () => {
    const world = await relayWorld();
    onTestFinished(world.close);
    const relay = await startRelay({
      sessions: world.relay,
      health: world.relay.health,
      healthSettings: { reportMs: 100, intervalMs: 50, noTrafficMs: 50, timeoutMs: 1000 },
    });
    const workload = await freePort();
    const inbound = {
      port: await freePort(),
      servicePort: workload,
      serviceProbe: { tcp: {}, interval: '0.05s', timeout: '1s' },
      tags: { 'kuma.io/service': 'web' },
    };
    const dataplane = {
      type: 'Dataplane',
      mesh: 'default',
      name: 'web-1',
      networking: { address: '127.0.0.1', inbound: [inbound] },
    };
    const token = await world.token('web-1');
    const envoy = await startEnvoy(relay, { name: 'web-1', delta: true, token, dataplane });
    const state = async () => {
      const key = { type: 'Dataplane', mesh: 'default', name: 'web-1' };
      const stored = await world.stores.resources.get(defaultTenant, key);
      return stored && (dataplaneSchema.parse(stored.spec).networking?.inbound?.[0]?.state ?? 'Ready');
    };
    const soon = { timeout: 10_000 };

    await expect.poll(state, soon).toBe('NotReady');
    const server = await listen(workload);
    await expect.poll(state, soon).toBe('Ready');
    await new Promise((resolve) => server.close(resolve));
    await expect.poll(state, soon).toBe('NotReady');
    await listen(workload);
    await expect.poll(state, soon).toBe('Ready');
    await envoy.admin('/stats');
    await envoy.stop();
  });
});
