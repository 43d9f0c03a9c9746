import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { node } from './ads-client.ts';
import { cluster, connectTls, createSessions, snapshotOf, startRelay } from './relay-fixture.ts';
import { startBystanders, tenantByToken } from './support/bystanders.ts';
import { deltaRequest, grpcMessage } from './support/http2-ads.ts';
import {
  ack,
  callHeaders,
  endHeaders,
  flood,
  frame,
  frameTypes,
  header,
  indexedHeader,
  preface,
  stayAlive,
} from './support/http2-frames.ts';

/** A relay that loses patience soon, with proxies on it that must not notice. */
async function start() {
  const sessions = createSessions((name) => (name === 'web' ? snapshotOf(1, [cluster('a')]) : undefined));
  const relay = await startRelay({
    sessions,
    tenantOf: tenantByToken,
    settings: { pingMs: 100, pingTimeoutMs: 2_500, watchMs: 100, burstBytes: 500_000, handshakeMs: 700 },
  });
  return { relay, sessions, bystanders: await startBystanders(relay, sessions) };
}

const {
  continuation,
  data,
  goaway,
  headers,
  ping,
  priority,
  pushPromise,
  rstStream,
  settings,
  windowUpdate,
} = frameTypes;

/** The number of a client's next stream. */
const streamOf = (round: number) => 2 * round + 1;
const open = (stream: number, ...more: readonly Buffer[]) =>
  frame(headers, endHeaders, stream, callHeaders(...more));
const cancel = Buffer.from([0, 0, 0, 8]);
/** A call that is let in. */
const letIn = Buffer.concat([
  open(1),
  frame(data, 0, 1, grpcMessage(deltaRequest({ node: node('web'), typeUrl: typeUrls.cluster }))),
]);
/** Whoever is let in first, and then what the round brings. */
const afterwards = (next: (round: number) => Buffer) => (round: number) =>
  round === 0 ? letIn : next(round);

interface Flood {
  readonly flood: string;
  /** What is answered is not read. */
  readonly blind?: boolean;
  readonly next: (round: number) => Buffer;
}

const floods: readonly Flood[] = [
  {
    flood: 'calls that are cancelled at once (CVE-2023-44487)',
    next: (round) => Buffer.concat([open(streamOf(round)), frame(rstStream, 0, streamOf(round), cancel)]),
  },
  { flood: 'calls beyond the bound of streams', next: (round) => open(streamOf(round)) },
  { flood: 'settings', next: () => frame(settings, 0, 0) },
  { flood: 'settings whose answers are not read', blind: true, next: () => frame(settings, 0, 0) },
  {
    flood: 'settings of many entries',
    next: () => frame(settings, 0, 0, Buffer.alloc(6000, Buffer.from([0, 4, 0, 0, 0, 1]))),
  },
  { flood: 'pings', next: (round) => frame(ping, 0, 0, Buffer.alloc(8, round)) },
  { flood: 'pings whose answers are not read', blind: true, next: () => frame(ping, 0, 0, Buffer.alloc(8)) },
  { flood: 'answers to pings that never were', next: () => frame(ping, ack, 0, Buffer.alloc(8)) },
  {
    flood: 'headers that do not end (CVE-2024-27983)',
    next: (round) =>
      round === 0
        ? frame(headers, 0, 1, callHeaders())
        : frame(continuation, 0, 1, header(`x${round}`, 'y'.repeat(100))),
  },
  {
    flood: 'empty continuations of headers',
    next: (round) => (round === 0 ? frame(headers, 0, 1, callHeaders()) : frame(continuation, 0, 1)),
  },
  {
    flood: 'headers that are far larger than they look',
    next: (round) =>
      open(
        streamOf(round),
        header('x', 'y'.repeat(3000), 'indexed'),
        ...Array.from({ length: 8000 }, indexedHeader),
      ),
  },
  { flood: 'empty data', next: (round) => (round === 0 ? open(1) : frame(data, 0, 1)) },
  { flood: 'data without a stream', next: () => frame(data, 0, 0, Buffer.alloc(100)) },
  { flood: 'frames larger than agreed', next: () => frame(data, 0, 1, Buffer.alloc(20_000)) },
  { flood: 'window updates of one byte', next: () => frame(windowUpdate, 0, 0, Buffer.from([0, 0, 0, 1])) },
  {
    flood: 'a window beyond all bounds',
    next: () => frame(windowUpdate, 0, 0, Buffer.from([0x7f, 255, 255, 255])),
  },
  {
    flood: 'priorities',
    next: (round) => frame(priority, 0, streamOf(round), Buffer.from([0, 0, 0, 0, 1])),
  },
  { flood: 'frames of an unknown type', next: () => frame(0xee, 0, 0, Buffer.alloc(1000)) },
  { flood: 'farewells', next: () => frame(goaway, 0, 0, Buffer.alloc(8)) },
  {
    flood: 'promises, which only servers make',
    next: () => frame(pushPromise, endHeaders, 1, Buffer.concat([Buffer.from([0, 0, 0, 2]), callHeaders()])),
  },
  { flood: 'calls with the numbers of a server', next: () => open(2) },
  { flood: 'noise', next: () => randomBytes(1000) },
  {
    flood: 'empty messages of gRPC, of one that was let in',
    next: afterwards(() => frame(data, 0, 1, Buffer.alloc(5000))),
  },
  {
    flood: 'requests of an unknown type, of one that was let in',
    next: afterwards(() => {
      const request = grpcMessage(deltaRequest({ typeUrl: 'type.googleapis.com/none' }));
      return frame(data, 0, 1, Buffer.concat(Array.from({ length: 300 }, () => request)));
    }),
  },
];

/** Resolves when the connection is over, however it ended. */
const closing = (socket: TLSSocket | Socket) =>
  new Promise<void>((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });

describe('a flood of', () => {
  it.each(floods)('$flood is cut off, and nobody else is', async ({ next, blind = false }) => {
    const { relay, sessions, bystanders } = await start();
    const socket = await connectTls(relay, ['h2']);
    const closed = closing(socket);
    if (!blind) {
      stayAlive(socket);
    }
    socket.write(preface());
    const flooding = flood(socket, next);
    await bystanders.areServed();
    await Promise.all([flooding, closed]);
    await bystanders.areServed();
    expect(bystanders.undisturbed).toBe(true);
    await expect.poll(() => relay.server.load).toEqual({ connections: 2, streams: 2 });
    expect(sessions.live).toBe(2);
  });
});

describe('a connection', () => {
  const handshake = (port: number, ca: string, options: ConnectionOptions) =>
    connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ...options });

  it('that nobody is let in over is closed, whatever it does meanwhile', async () => {
    const sessions = createSessions(() => snapshotOf(1, [cluster('a')]));
    const relay = await startRelay({
      sessions,
      tenantOf: tenantByToken,
      settings: { strangerMs: 300, watchMs: 50, firstRequestMs: 100 },
    });
    sessions.admit = (hello) =>
      hello.name === 'web' ? Promise.reject(new KumulusError('unauthenticated', 'no')) : Promise.resolve();
    const bystanders = await startBystanders(relay, sessions);
    const socket = await connectTls(relay, ['h2']);
    const closed = closing(socket);
    socket.resume();
    socket.write(Buffer.concat([preface(), letIn]));
    await closed;
    await bystanders.areServed();
    expect(bystanders.undisturbed).toBe(true);
  });

  it.each([
    {
      note: 'speaks HTTP/1.1 where HTTP/2 was agreed',
      alpn: 'h2',
      bytes: 'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
    },
    { note: 'speaks HTTP/2 where HTTP/1.1 was agreed', alpn: 'http/1.1', bytes: preface() },
  ])('that $note is closed', async ({ alpn, bytes }) => {
    const { relay, bystanders } = await start();
    const socket = await connectTls(relay, [alpn]);
    const closed = closing(socket);
    socket.resume();
    socket.write(bytes);
    await closed;
    await bystanders.areServed();
  });

  it('that agrees on no protocol is served HTTP/1.1, on an unknown one nothing', async () => {
    const { relay } = await start();
    const plain = await connectTls(relay, []);
    let answer = '';
    plain.on('data', (bytes: Buffer) => (answer += bytes.toString()));
    plain.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    await closing(plain);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    await closing(handshake(relay.port, relay.ca, { ALPNProtocols: ['spdy/3'] }));
  });

  it('that wants to renegotiate TLS 1.2 is closed', async () => {
    const { relay, bystanders } = await start();
    const socket = handshake(relay.port, relay.ca, { ALPNProtocols: ['h2'], maxVersion: 'TLSv1.2' });
    await once(socket, 'secureConnect');
    const closed = closing(socket);
    socket.resume();
    socket.write(preface());
    socket.renegotiate({}, () => {});
    await closed;
    await bystanders.areServed();
    expect(bystanders.undisturbed).toBe(true);
  });

  it('in an old version of TLS is refused', async () => {
    const { relay } = await start();
    const options = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await closing(handshake(relay.port, relay.ca, options));
  });

  it('that stops in the middle of its handshake is closed', async () => {
    const { relay, bystanders } = await start();
    const socket = connectTcp(relay.port, '127.0.0.1');
    const closed = closing(socket);
    // The head of a record that promises a ClientHello of 512 bytes, and a few of them.
    socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]));
    await bystanders.areServed();
    await closed;
    await expect.poll(() => relay.server.load.connections).toBe(2);
  });
});
