import { connect as connectHttp2 } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { DeltaDiscoveryRequestSchema } from '../../src/envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { relayService } from '../../src/xds/server/grpc-service.ts';
import { connectClient, type DeltaClient, node, openDelta, openSotw } from './ads-client.ts';
import {
  assignment,
  cluster,
  createSessions,
  listener,
  snapshotOf,
  startRelay,
  type TestRelay,
} from './relay-fixture.ts';
import { tenantByToken } from './support/bystanders.ts';

const base = snapshotOf(1, [cluster('a'), cluster('b'), assignment('a'), listener('in')]);

/** Takes all that a new proxy is sent by the incremental protocol, and what it then holds. */
async function bringUp(stream: DeltaClient, name: string) {
  stream.send({ node: node(name), typeUrl: typeUrls.cluster });
  stream.send({ typeUrl: typeUrls.endpoint, resourceNamesSubscribe: ['a'] });
  stream.send({ typeUrl: typeUrls.listener });
  const held = new Map<string, Record<string, string>>();
  while (held.size < 3) {
    const { typeUrl, nonce, resources } = await stream.next();
    held.set(typeUrl, Object.fromEntries(resources.map((each) => [each.name, each.version])));
    stream.send({ typeUrl, responseNonce: nonce });
  }
  return held;
}

describe('a proxy that comes back', () => {
  it('and holds all is sent nothing by the incremental protocol', async () => {
    const sessions = createSessions(() => base);
    const relay = await startRelay({ sessions, settings: { settleMs: 10 } });
    const first = openDelta(connectClient(relay));
    const held = await bringUp(first, 'web');
    first.close();
    await (await sessions.of('web')).closed;

    const second = openDelta(connectClient(relay));
    for (const [position, [typeUrl, initialResourceVersions]] of [...held].entries()) {
      second.send({
        ...(position === 0 ? { node: node('web') } : {}),
        typeUrl,
        initialResourceVersions,
        resourceNamesSubscribe: typeUrl === typeUrls.endpoint ? ['a'] : [],
      });
    }
    await expect.poll(() => sessions.opened).toBe(2);
    const session = await sessions.of('web');
    // The first thing that it hears is what changes next.
    session.publish(snapshotOf(2, [cluster('a'), cluster('b'), assignment('a', 2), listener('in')]));
    const next = await second.next();
    expect(next.typeUrl).toBe(typeUrls.endpoint);
    expect(session.told).toEqual([['sent', typeUrls.endpoint, 2]]);
  });

  it('is told of removals once its requests have had time to arrive', async () => {
    const sessions = createSessions(() => base);
    const relay = await startRelay({ sessions, settings: { settleMs: 10 } });
    const stream = openDelta(connectClient(relay));
    const version = base.resources[typeUrls.cluster].get('a')?.version ?? '';
    stream.send({
      node: node('web'),
      typeUrl: typeUrls.cluster,
      initialResourceVersions: { a: version, gone: 'x' },
    });
    const added = await stream.next();
    expect([added.resources.map(({ name }) => name), added.removedResources]).toEqual([['b'], []]);
    stream.send({ typeUrl: typeUrls.cluster, responseNonce: added.nonce });
    const removed = await stream.next();
    expect([removed.resources, removed.removedResources]).toEqual([[], ['gone']]);
  });

  it('and holds all is sent nothing by the state-of-the-world protocol', async () => {
    const sessions = createSessions(() => base);
    const relay = await startRelay({ sessions });
    const first = openSotw(connectClient(relay));
    first.send({ node: node('web'), typeUrl: typeUrls.cluster });
    const { versionInfo } = await first.next();
    first.close();

    const second = openSotw(connectClient(relay));
    second.send({ node: node('web'), typeUrl: typeUrls.cluster, versionInfo });
    second.send({ typeUrl: typeUrls.listener });
    expect((await second.next()).typeUrl).toBe(typeUrls.listener);
  });
});

describe('a proxy that refuses', () => {
  it('is not sent the same again, and its words reach the session', async () => {
    const sessions = createSessions(() => base);
    const relay = await startRelay({ sessions });
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    const first = await stream.next();
    stream.send({
      typeUrl: typeUrls.cluster,
      responseNonce: first.nonce,
      errorDetail: { code: 3, message: 'Error adding cluster a' },
    });
    const session = await sessions.of('web');
    await expect.poll(() => session.told.length).toBe(2);
    session.publish(snapshotOf(2, [cluster('a'), cluster('b', 2)]));
    expect((await stream.next()).resources.map(({ name }) => name)).toEqual(['b']);
    expect(session.told).toEqual([
      ['sent', typeUrls.cluster, 1],
      ['rejected', typeUrls.cluster, 'Error adding cluster a'],
      ['sent', typeUrls.cluster, 2],
    ]);
  });
});

describe('a reader that does not read', () => {
  /** A stream whose client lets a hundred bytes come and no more, and what it writes. */
  async function slowStream(relay: TestRelay) {
    const client = connectHttp2(`https://127.0.0.1:${relay.port}`, {
      servername: 'localhost',
      ca: relay.ca,
      settings: { initialWindowSize: 100 },
    });
    client.on('error', () => {});
    onTestFinished(() => client.destroy());
    const stream = client.request({
      ':method': 'POST',
      ':path': relayService.DeltaAggregatedResources.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {});
    const send = (init: Parameters<typeof create<typeof DeltaDiscoveryRequestSchema>>[1]) => {
      const bytes = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init));
      const head = Buffer.alloc(5);
      head.writeUInt32BE(bytes.length, 1);
      stream.write(Buffer.concat([head, bytes]));
    };
    return { client, stream, send };
  }

  it('costs one response, whatever changes and whatever it asks for', async () => {
    const many = Array.from({ length: 200 }, (_, index) => assignment(`service-${index}`));
    const sessions = createSessions(() =>
      snapshotOf(1, [...many, ...base.resources[typeUrls.cluster].values()]),
    );
    const relay = await startRelay({ sessions });
    const { client, stream, send } = await slowStream(relay);
    send({
      node: node('web'),
      typeUrl: typeUrls.endpoint,
      resourceNamesSubscribe: many.map(({ name }) => name),
    });
    const session = await sessions.of('web');
    await expect.poll(() => session.told.length).toBe(1);
    send({ typeUrl: typeUrls.cluster });
    send({ typeUrl: typeUrls.listener });
    for (let revision = 2; revision <= 500; revision += 1) {
      session.publish(snapshotOf(revision, [cluster('a', revision), listener('in', revision)]));
    }
    // A ping comes back only after all that was written before it has been handled.
    await new Promise((resolve) => client.ping(() => resolve(undefined)));
    expect(session.told).toEqual([['sent', typeUrls.endpoint, 1]]);

    stream.resume();
    await expect.poll(() => session.told.length).toBe(2);
    expect(session.told[1]).toEqual(['sent', typeUrls.cluster, 500]);
    client.destroy();
    await session.closed;
  });

  it('is cut off when its stream ends and it does not read that', async () => {
    const big = Array.from({ length: 500 }, (_, index) => cluster(`c-${index}`));
    const sessions = createSessions(() => snapshotOf(1, big));
    const relay = await startRelay({ sessions, settings: { farewellMs: 50 } });
    const { send } = await slowStream(relay);
    send({ node: node('web'), typeUrl: typeUrls.cluster });
    const session = await sessions.of('web');
    await expect.poll(() => session.told.length).toBe(1);
    await relay.server.drain(0);
    await session.closed;
    await expect.poll(() => relay.server.load.connections).toBe(0);
  });
});

describe('a relay that drains', () => {
  it('ends its streams one after the other and takes no more', async () => {
    const sessions = createSessions(() => base);
    const relay = await startRelay({ sessions });
    const names = ['a', 'b', 'c', 'd'];
    const streams = names.map(() => openDelta(connectClient(relay)));
    const ended: number[] = [];
    for (const [position, stream] of streams.entries()) {
      stream.send({ node: node(names[position] ?? ''), typeUrl: typeUrls.cluster });
      await stream.next();
      void stream.status.then(() => ended.push(performance.now()));
    }
    await relay.server.drain(300);
    for (const stream of streams) {
      expect(await stream.status).toMatchObject({
        code: status.UNAVAILABLE,
        details: 'the relay is draining, connect again',
      });
    }
    // Evenly over the time: four streams take three quarters of it, and timers are never early.
    expect((ended.at(-1) ?? 0) - (ended[0] ?? 0)).toBeGreaterThan(150);
    expect(sessions.live).toBe(0);
    const late = openDelta(connectClient(relay));
    late.send({ node: node('late'), typeUrl: typeUrls.cluster });
    expect((await late.status).code).toBe(status.UNAVAILABLE);
    expect(sessions.opened).toBe(4);
  });

  it('ends at once what opens meanwhile', async () => {
    const sessions = createSessions(() => base);
    const relay = await startRelay({ sessions });
    const client = connectClient(relay);
    const first = openDelta(client);
    first.send({ node: node('a'), typeUrl: typeUrls.cluster });
    await first.next();
    const admitted: (() => void)[] = [];
    sessions.admit = () => new Promise((resolve) => admitted.push(resolve));
    const opening = openDelta(client);
    opening.send({ node: node('b'), typeUrl: typeUrls.cluster });
    await expect.poll(() => admitted.length).toBe(1);
    await relay.server.drain(0);
    expect((await opening.status).code).toBe(status.UNAVAILABLE);
    admitted[0]?.();
    await (await sessions.of('b')).closed;
  });
});

describe('a storm', () => {
  it('of 300 proxies at once is let in without a refusal, some at a time', async () => {
    const sessions = createSessions(() => base);
    let inside = 0;
    let most = 0;
    sessions.admit = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    const relay = await startRelay({ sessions, settings: { admissionConcurrency: 16 } });
    const clients = Array.from({ length: 30 }, () => connectClient(relay));
    const streams = Array.from({ length: 300 }, (_, index) => {
      const client = clients[index % clients.length];
      if (client === undefined) {
        throw new Error('there are clients');
      }
      const stream = openDelta(client);
      stream.send({ node: node(`p-${index}`), typeUrl: typeUrls.cluster });
      return stream;
    });
    for (const stream of streams) {
      expect((await stream.next()).resources).toHaveLength(2);
    }
    expect(sessions.opened).toBe(300);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });

  it("of one tenant lets the other one's proxy in at its next turn, and tells no more at once than it may", async () => {
    const sessions = createSessions(() => base);
    const order: string[] = [];
    const doors: (() => void)[] = [];
    sessions.admit = ({ tenant, name }) => {
      order.push(`${tenant}/${name}`);
      return new Promise((resolve) => doors.push(resolve));
    };
    const relay = await startRelay({
      sessions,
      tenantOf: tenantByToken,
      settings: { admissionConcurrency: 4, admissionQueue: 60 },
    });
    const atDoor = (count: number) => expect.poll(() => order.length, { interval: 1 }).toBe(count);
    const clients = Array.from({ length: 10 }, () => connectClient(relay));
    const come = (tenant: string, name: string, index: number) => {
      const stream = openDelta(clients[index % clients.length] ?? connectClient(relay), tenant);
      stream.send({ node: node(name), typeUrl: typeUrls.cluster });
      return stream;
    };
    const refused: string[] = [];
    for (let index = 0; index < 100; index += 1) {
      void come('crowd', `p-${index}`, index).status.then(({ code, details }) => {
        // The others end with the test.
        if (code !== status.CANCELLED) {
          refused.push(`${code} ${details}`);
        }
      });
    }
    await atDoor(4);
    await expect.poll(() => refused.length).toBe(36);
    expect(refused).toEqual(Array(36).fill(`${status.UNAVAILABLE} the relay is busy, come back in 1 s`));

    const other = come('other', 'one', 0);
    // One more of the crowd, over the same connection: it is refused only after the other was put in line.
    expect(await come('crowd', 'late', 0).status).toMatchObject({ code: status.UNAVAILABLE });
    for (let inside = 4; inside <= 65; inside += 4) {
      expect(doors.length).toBeLessThanOrEqual(4);
      for (const open of doors.splice(0)) {
        open();
      }
      await atDoor(Math.min(inside + 4, 65));
    }
    expect(order.slice(4, 8)).toContain('other/one');
    doors[0]?.();
    expect((await other.next()).resources).toHaveLength(2);
    await expect.poll(() => sessions.opened).toBe(65);
  });

  it('beyond what may wait is told to come back', async () => {
    const sessions = createSessions(() => base);
    sessions.admit = () => new Promise(() => {});
    const relay = await startRelay({ sessions, settings: { admissionConcurrency: 1, admissionQueue: 1 } });
    const client = connectClient(relay);
    const streams = ['a', 'b', 'c'].map((name) => {
      const stream = openDelta(client);
      stream.send({ node: node(name), typeUrl: typeUrls.cluster });
      return stream;
    });
    expect(await Promise.race(streams.map((stream) => stream.status))).toMatchObject({
      code: status.UNAVAILABLE,
      details: 'the relay is busy, come back in 1 s',
    });
  });
});
