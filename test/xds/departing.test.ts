import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it, onTestFinished } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { DeltaDiscoveryRequestSchema } from '../../src/envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { relayService } from '../../src/xds/server/grpc-service.ts';
import type { Departing } from '../../src/xds/session.ts';
import { clusterOf, endpointsOf, startEnvoy } from './envoy-fixture.ts';
import { createSessions, snapshotOf, startRelay, type TestRelay } from './relay-fixture.ts';

/** A link between a proxy and a relay that can be cut or go silent. */
interface Link {
  readonly port: number;
  /** Resets both of its ends. */
  cut(): void;
  /** Passes nothing on any more, and says nothing. */
  silence(): void;
}

async function startLink(relay: TestRelay): Promise<Link> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connectTcp(relay.port, '127.0.0.1');
    sockets.push(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => {});
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('a TCP server has a port');
  }
  return {
    port: address.port,
    cut: () => sockets.map((socket) => socket.resetAndDestroy()),
    silence: () => sockets.map((socket) => socket.unpipe().pause()),
  };
}

interface Http2Client {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
  readonly socket: Socket;
}

/** Opens an ADS stream by hand, in a version of TLS and with a cipher of the test's choice. */
async function openStream(
  relay: TestRelay,
  port: number,
  version: SecureVersion,
  ciphers?: string,
): Promise<Http2Client> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  const session = connectHttp2('https://localhost', {
    createConnection: () =>
      connectTls({
        socket,
        servername: 'localhost',
        ca: relay.ca,
        ALPNProtocols: ['h2'],
        minVersion: version,
        maxVersion: version,
        ...(ciphers !== undefined && { ciphers }),
      }),
  });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': relayService.DeltaAggregatedResources.path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  stream.resume();
  const message = toBinary(
    DeltaDiscoveryRequestSchema,
    create(DeltaDiscoveryRequestSchema, { typeUrl: typeUrls.cluster, node: { id: 'default.web-1' } }),
  );
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.write(Buffer.concat([frame, message]));
  return { session, stream, socket };
}

const nothing = () => snapshotOf(1, [clusterOf('web'), endpointsOf('web')]);

async function start(settings = {}) {
  const sessions = createSessions(nothing);
  const relay = await startRelay({ sessions, settings });
  const link = await startLink(relay);
  return { sessions, relay, link };
}

describe.each([
  { tls: 'TLS 1.3', version: 'TLSv1.3', ciphers: undefined },
  { tls: 'TLS 1.2 with GCM', version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
  { tls: 'TLS 1.2 with ChaCha20', version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
] as const)('by $tls, a proxy', ({ version, ciphers }) => {
  it.each<{ what: string; go: (client: Http2Client, link: Link) => void; how: ReturnType<Departing> }>([
    { what: 'ends its stream', go: ({ stream }) => stream.end(), how: 'left' },
    { what: 'resets its stream', go: ({ stream }) => stream.close(8), how: 'left' },
    { what: 'closes its connection', go: ({ session }) => session.destroy(), how: 'left' },
    { what: 'is killed', go: ({ socket }) => socket.end(), how: 'lost' },
    { what: 'is cut off', go: (_, link) => link.cut(), how: 'lost' },
  ])('that $what has $how', async ({ go, how }) => {
    const { sessions, relay, link } = await start();
    const client = await openStream(relay, link.port, version, ciphers);
    const session = await sessions.of('web-1');
    await expect.poll(() => session.told.length).toBeGreaterThan(0);
    go(client, link);
    const departing = await session.closed;
    await expect.poll(departing).toBe(how);
  });
});

it('a proxy that answers no ping is lost', async () => {
  const { sessions, relay, link } = await start({ pingMs: 100, pingTimeoutMs: 100 });
  await openStream(relay, link.port, 'TLSv1.3');
  const session = await sessions.of('web-1');
  link.silence();
  await expect.poll(await session.closed).toBe('lost');
});

it('a proxy whose connection the relay breaks is lost', async () => {
  const { sessions, relay, link } = await start();
  await openStream(relay, link.port, 'TLSv1.3');
  const session = await sessions.of('web-1');
  relay.server.breakConnections();
  await expect.poll(await session.closed).toBe('lost');
});

describe.each([{ delta: true }, { delta: false }])('Envoy (delta: $delta)', ({ delta }) => {
  it.each([
    { signal: 'SIGTERM', how: 'left' },
    { signal: 'SIGKILL', how: 'lost' },
  ] as const)('that gets $signal has $how', async ({ signal, how }) => {
    const { sessions, relay } = await start();
    const envoy = await startEnvoy(relay, { name: 'web-1', delta });
    const session = await sessions.of('web-1');
    await expect.poll(() => session.told.some(([what]) => what === 'acknowledged')).toBe(true);
    await envoy.stop(signal);
    const departing = await session.closed;
    await expect.poll(departing).toBe(how);
  });
});
