import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { HealthStatus } from '../../src/envoy/gen/envoy/config/core/v3/health_check_pb.ts';
import { HealthCheckRequestOrEndpointHealthResponseSchema as MessageSchema } from '../../src/envoy/gen/envoy/service/health/v3/hds_pb.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { relayService } from '../../src/xds/server/grpc-service.ts';
import { node } from './ads-client.ts';
import { startRelay, type TestRelay } from './relay-fixture.ts';
import { dataplane, relayWorld } from './relay-world.ts';
import { grpcMessage, http2Session, openAds } from './support/http2-ads.ts';

/** A relay on a real store, and a token of the proxy `web`. */
async function start() {
  const world = await relayWorld({ deregistrationDelayMs: 60_000 });
  onTestFinished(world.close);
  const relay = await startRelay({
    sessions: world.relay,
    health: world.relay.health,
    settings: {
      firstRequestMs: 300,
      farewellMs: 100,
      reportBurst: 3,
      readMs: 200,
      readBytesPerSecond: 1024 ** 3,
    },
  });
  const revision = async () => (await world.stores.resources.head(defaultTenant, 'default')).revision;
  return { world, relay, token: await world.token('web'), revision };
}

function connectProxy(relay: TestRelay, token: string, address: string) {
  const stream = openAds(http2Session(relay), token);
  let isServed = () => {};
  const served = new Promise<'served'>((resolve) => (isServed = () => resolve('served')));
  stream.onResponse(({ typeUrl, nonce }) => {
    isServed();
    stream.send({ typeUrl, responseNonce: nonce });
  });
  const resource = JSON.stringify(dataplane('web', 'web', address));
  stream.send({ node: node('web', { 'dataplane.resource': resource }), typeUrl: typeUrls.cluster });
  return { stream, served };
}

describe('two proxies of one name', () => {
  it('that take each other’s place calm down, and the mesh is not written for each try', async () => {
    const { relay, token, revision } = await start();
    const before = await revision();
    const ends: (number | undefined)[] = [];
    let last = connectProxy(relay, token, '10.0.0.1');
    await last.served;
    for (let round = 0; round < 12; round += 1) {
      const next = connectProxy(relay, token, `10.0.0.${2 + (round % 2)}`);
      const result = await Promise.race([next.served, next.stream.ended]);
      if (result === 'served') {
        expect((await last.stream.ended).grpcStatus).toBe(status.ABORTED);
        last = next;
      } else {
        ends.push(result.grpcStatus);
        expect(result.message).toMatch(/take over from each other too often; come back in \d+ s/);
      }
    }
    // Five takeovers at once, and no other within ten seconds.
    expect(ends).toEqual(Array.from({ length: 7 }, () => status.UNAVAILABLE));
    expect((await revision()) - before).toBe(6);
    await expect.poll(() => relay.server.load.streams).toBe(1);
  });

  it('that come with a hundred streams at once leave one', async () => {
    const { relay, token } = await start();
    const sessions = Array.from({ length: 10 }, () => http2Session(relay));
    const streams = Array.from({ length: 100 }, (_, index) => {
      const stream = openAds(sessions[index % sessions.length] ?? http2Session(relay), token);
      const resource = JSON.stringify(dataplane('web', 'web', '10.0.0.1'));
      stream.send({ node: node('web', { 'dataplane.resource': resource }), typeUrl: typeUrls.cluster });
      return stream;
    });
    let left = streams.length;
    for (const stream of streams) {
      void stream.ended.then(() => (left -= 1));
    }
    await expect.poll(() => left, { timeout: 10_000 }).toBe(1);
    expect(relay.server.load.streams).toBe(1);
  });
});

describe('a stream of health checks', () => {
  const message = (init: MessageInitShape<typeof MessageSchema>) =>
    grpcMessage(toBinary(MessageSchema, create(MessageSchema, init)));
  const hello = message({
    requestType: {
      case: 'healthCheckRequest',
      value: { node: node('web', { 'dataplane.admin.port': '9901' }) },
    },
  });
  const report = (healthStatus: HealthStatus) =>
    message({
      requestType: {
        case: 'endpointHealthResponse',
        value: {
          clusterEndpointsHealth: [
            {
              clusterName: 'kuma:envoy:admin',
              localityEndpointsHealth: [{ endpointsHealth: [{ healthStatus }] }],
            },
          ],
        },
      },
    });

  it('that says nothing is ended', async () => {
    const { relay, token } = await start();
    const stream = openAds(http2Session(relay), token, relayService.StreamHealthCheck.path);
    expect((await stream.ended).message).toContain('no request arrived within 300 ms');
    await expect.poll(() => relay.server.load.streams).toBe(0);
  });

  it('that changes its mind a thousand times writes some of it, and the last', async () => {
    const { relay, token, revision, world } = await start();
    const proxy = connectProxy(relay, token, '10.0.0.1');
    await proxy.served;
    const before = await revision();
    const stream = openAds(http2Session(relay), token, relayService.StreamHealthCheck.path);
    stream.sendRaw(hello);
    for (let round = 0; round < 1001; round += 1) {
      stream.sendRaw(report(round % 2 === 0 ? HealthStatus.UNHEALTHY : HealthStatus.HEALTHY));
    }
    const state = async () => {
      const key = { type: 'Dataplane', mesh: 'default', name: 'web' };
      return JSON.stringify((await world.stores.resources.get(defaultTenant, key))?.spec);
    };
    await expect.poll(state, { timeout: 5000 }).toContain('NotReady');
    stream.close();
    await expect.poll(() => relay.server.load.streams).toBe(1);
    expect(await state()).toContain('NotReady');
    expect((await revision()) - before).toBeLessThanOrEqual(7);
  });
});
