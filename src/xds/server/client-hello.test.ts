import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientHello, readClientHello } from './client-hello.ts';

/** The first bytes that Node's client of TLS sends. */
async function helloOf(options: { servername?: string; ALPNProtocols?: string[] }): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('a TCP server has a port');
  }
  const client = connect({ port: address.port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.once('connection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', resolve);
    });
  });
}

describe('readClientHello', () => {
  it.each<[string, Parameters<typeof helloOf>[0], ClientHello]>([
    ['nothing', {}, { servername: undefined, protocols: [] }],
    ['a host', { servername: 'Acme.Example' }, { servername: 'acme.example', protocols: [] }],
    [
      'a host and protocols',
      { servername: 'acme.example', ALPNProtocols: ['h2', 'http/1.1'] },
      { servername: 'acme.example', protocols: ['h2', 'http/1.1'] },
    ],
    ['a protocol', { ALPNProtocols: ['h2'] }, { servername: undefined, protocols: ['h2'] }],
  ])('of a client that names %s', async (_what, options, want) => {
    expect(readClientHello(await helloOf(options))).toEqual(want);
  });

  it('waits for all of it', async () => {
    const hello = await helloOf({ servername: 'acme.example' });
    for (const length of [0, 1, 4, 5, 50, hello.length - 1]) {
      expect(readClientHello(hello.subarray(0, length))).toBe('incomplete');
    }
    expect(readClientHello(Buffer.concat([hello, Buffer.from('more')]))).toMatchObject({
      servername: 'acme.example',
    });
  });

  it.each([
    ['HTTP', Buffer.from('POST /bootstrap HTTP/1.1\r\n')],
    ['an alert', Buffer.from([21, 3, 3, 0, 2, 1, 0])],
    ['a handshake that begins otherwise', Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0])],
  ])('of %s is none', (_what, bytes) => {
    expect(readClientHello(bytes)).toBeUndefined();
  });

  it('takes whatever lengths it is told', async () => {
    const hello = await helloOf({ servername: 'acme.example', ALPNProtocols: ['h2'] });
    for (let at = 5; at < hello.length; at += 1) {
      const wrong = Buffer.from(hello);
      wrong[at] = 0xff - (wrong[at] ?? 0);
      expect(() => readClientHello(wrong)).not.toThrow();
      expect(() => readClientHello(wrong.subarray(0, at))).not.toThrow();
    }
    const empty = readClientHello(Buffer.from([22, 3, 3, 0, 1, 1]));
    expect(empty).toEqual({ servername: undefined, protocols: [] });
  });
});
