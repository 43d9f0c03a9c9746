import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { connectClient, node, openDelta } from './ads-client.ts';
import { connectTls, startServing } from './relay-fixture.ts';
import { http2Session } from './support/http2-ads.ts';
import { preface } from './support/http2-frames.ts';

describe('connections', () => {
  it('that break close their sessions', async () => {
    const { relay, sessions } = await startServing();
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    const session = await sessions.of('web');
    relay.server.breakConnections();
    await session.closed;
    expect((await stream.status).code).not.toBe(status.OK);
  });

  it('whose peer answers no ping are dead', async () => {
    const { relay } = await startServing({ settings: { pingMs: 50, pingTimeoutMs: 50 } });
    const socket = await connectTls(relay, ['h2']);
    socket.resume();
    // And not a word more.
    socket.write(preface());
    await once(socket, 'close');
  });

  it('that idle without a stream are closed', async () => {
    const { relay } = await startServing({ settings: { connectionIdleMs: 50 } });
    const client = http2Session(relay);
    await once(client, 'close');
    expect(client.closed).toBe(true);
  });

  it('beyond the bound are dropped', async () => {
    const { relay } = await startServing({ settings: { maxConnections: 1 } });
    const first = await connectTls(relay, ['h2']);
    await expect(connectTls(relay, ['h2'])).rejects.toThrow();
    first.destroy();
  });

  it.each([
    { note: 'no TLS', bytes: () => Buffer.from('GET / HTTP/1.1\r\n\r\n') },
    { note: 'noise', bytes: () => randomBytes(4096) },
  ])('with $note are closed', async ({ bytes }) => {
    const { relay } = await startServing();
    const socket = connectTcp(relay.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(bytes());
    await once(socket, 'close');
  });

  it.each([{ alpn: 'h2' }, { alpn: 'http/1.1' }])(
    'with noise inside of TLS are closed ($alpn)',
    async ({ alpn }) => {
      const { relay } = await startServing();
      const socket = await connectTls(relay, [alpn]);
      expect(socket.alpnProtocol).toBe(alpn);
      socket.resume();
      socket.write(randomBytes(4096));
      await once(socket, 'close');
    },
  );

  it('that never finish their handshake are closed', async () => {
    const { relay } = await startServing({ settings: { handshakeMs: 50 } });
    const socket = connectTcp(relay.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'close');
  });
});
