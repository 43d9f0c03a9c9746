import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { connectClient, node, openDelta, openSotw } from './ads-client.ts';
import {
  cluster,
  connectTls,
  createSessions,
  listener,
  snapshotOf,
  startRelay,
  type TestRelay,
} from './relay-fixture.ts';

const snapshot = snapshotOf(1, [cluster('a'), listener('in')]);

/** A relay that serves one snapshot to everybody. */
async function start(options: Partial<Parameters<typeof startRelay>[0]> = {}) {
  const sessions = createSessions(() => snapshot);
  return { sessions, relay: await startRelay({ sessions, ...options }) };
}

function http2Session(relay: TestRelay): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${relay.port}`, { servername: 'localhost', ca: relay.ca });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function http(relay: TestRelay, method: string, path: string, body = ''): Promise<HttpAnswer> {
  const options = {
    host: '127.0.0.1',
    servername: 'localhost',
    port: relay.port,
    ca: relay.ca,
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      { ...options, method, path, headers: { host: 'localhost' } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

describe('first requests', () => {
  const big = 'x'.repeat(5000);
  it.each([
    { note: 'no node', request: { typeUrl: typeUrls.cluster }, details: 'must have a node' },
    { note: 'no dot', request: { node: { id: 'web' }, typeUrl: typeUrls.cluster }, details: '<mesh>.<name>' },
    {
      note: 'no name',
      request: { node: { id: 'default.' }, typeUrl: typeUrls.cluster },
      details: '<mesh>.<name>',
    },
    {
      note: 'no mesh',
      request: { node: { id: '.web' }, typeUrl: typeUrls.cluster },
      details: 'name the mesh',
    },
    {
      note: 'odd letters',
      request: { node: { id: 'default.a/b' }, typeUrl: typeUrls.cluster },
      details: 'letters',
    },
    {
      note: 'unknown type',
      request: { node: node('web'), typeUrl: 'type.googleapis.com/X' },
      details: 'unknown type',
    },
    { note: 'no type', request: { node: node('web') }, details: 'unknown type' },
    {
      note: 'too much',
      request: { node: node('web', { workdir: big }), typeUrl: typeUrls.cluster },
      details: '4096',
    },
  ])('with $note are refused', async ({ request, details }) => {
    const { relay, sessions } = await start();
    const client = connectClient(relay);
    for (const stream of [openDelta(client), openSotw(client)]) {
      stream.send(request);
      expect(await stream.status).toMatchObject({
        code: status.INVALID_ARGUMENT,
        details: expect.stringContaining(details),
      });
    }
    expect(sessions.opened).toBe(0);
  });

  it('that are no requests are refused', async () => {
    const { relay } = await start();
    const client = connectClient(relay);
    for (let round = 0; round < 20; round += 1) {
      const stream = round % 2 === 0 ? openDelta(client) : openSotw(client);
      stream.sendRaw(Buffer.concat([Buffer.from([0xff]), randomBytes(200)]));
      expect((await stream.status).code).toBe(status.INVALID_ARGUMENT);
    }
  });

  it('that nest without end are refused', async () => {
    const { relay } = await start();
    // node.metadata.fields["a"].struct_value.fields["a"]…: 2,000 levels.
    let nested = Buffer.alloc(0);
    const field = (tag: number, value: Buffer) => {
      const length: number[] = [];
      for (let rest = value.length; ; rest >>>= 7) {
        length.push(rest < 128 ? rest : (rest & 127) | 128);
        if (rest < 128) {
          return Buffer.concat([Buffer.from([tag, ...length]), value]);
        }
      }
    };
    for (let level = 0; level < 2_000; level += 1) {
      nested = field(0x2a, field(0x0a, Buffer.concat([Buffer.from([0x0a, 1, 97]), field(0x12, nested)])));
    }
    const stream = openDelta(connectClient(relay));
    stream.sendRaw(field(0x0a, Buffer.concat([Buffer.from([0x0a, 3, 97, 46, 98]), field(0x1a, nested)])));
    expect((await stream.status).code).toBe(status.INVALID_ARGUMENT);
  });

  it('that do not come are not waited for', async () => {
    const { relay } = await start({ settings: { firstRequestMs: 50 } });
    const stream = openDelta(connectClient(relay));
    expect(await stream.status).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'no request arrived within 50 ms',
    });
  });

  it('larger than a message may be are refused', async () => {
    const { relay } = await start({ settings: { maxMessageBytes: 1000 } });
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web', { workdir: 'x'.repeat(2000) }), typeUrl: typeUrls.cluster });
    expect((await stream.status).code).toBe(status.RESOURCE_EXHAUSTED);
  });
});

describe('sessions', () => {
  it.each([
    { error: new KumulusError('unauthenticated', 'the token has expired'), code: status.UNAUTHENTICATED },
    { error: new KumulusError('forbidden', 'not your mesh'), code: status.PERMISSION_DENIED },
    { error: new KumulusError('not_found', 'no Dataplane'), code: status.NOT_FOUND },
    {
      error: new KumulusError('invalid', 'bad', { violations: [{ field: 'a', message: 'b' }] }),
      code: status.INVALID_ARGUMENT,
      details: 'bad: a: b',
    },
    {
      error: new KumulusError('unavailable', 'full', { retryAfterSeconds: 3 }),
      code: status.UNAVAILABLE,
    },
    { error: new Error('secret'), code: status.INTERNAL, details: 'internal error' },
  ])('that fail to open with $error end the stream with $code', async ({ error, code, details }) => {
    const { relay, sessions } = await start();
    sessions.admit = () => Promise.reject(error);
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    expect(await stream.status).toMatchObject({ code, details: details ?? error.message });
  });

  it('end streams, with words that no header can hold made harmless', async () => {
    const { relay, sessions } = await start();
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    await stream.next();
    const session = await sessions.of('web');
    session.end(new KumulusError('unauthenticated', 'revoked\n\ud800 für immer'));
    expect(await stream.status).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: 'revoked\n\ufffd für immer',
    });
    await session.closed;
  });

  it('that open after their stream has gone are closed', async () => {
    const { relay, sessions } = await start();
    let admit = () => {};
    sessions.admit = () => new Promise((resolve) => (admit = resolve));
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    await expect.poll(() => relay.server.load.streams).toBe(1);
    stream.close();
    await expect.poll(() => relay.server.load.streams).toBe(0);
    admit();
    await (await sessions.of('web')).closed;
    expect(sessions.live).toBe(0);
  });

  it('belong to the tenant of the host name, whatever :authority says', async () => {
    const asked: unknown[] = [];
    const { relay, sessions } = await start({
      tenantOf: (question) => {
        asked.push(question);
        return tenantId('acme');
      },
    });
    const stream = openDelta(connectClient(relay), 'tok');
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    expect((await sessions.of('web')).hello.tenant).toBe('acme');
    expect(asked).toEqual([{ servername: 'localhost', token: 'tok' }]);
  });

  it('are asked for again by requests of later types only once', async () => {
    const { relay, sessions } = await start();
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    stream.send({ node: node('another'), typeUrl: typeUrls.listener });
    stream.send({ typeUrl: 'type.googleapis.com/unknown' });
    expect((await stream.next()).typeUrl).toBe(typeUrls.cluster);
    expect(sessions.opened).toBe(1);
  });
});

describe('connections', () => {
  it('that break close their sessions', async () => {
    const { relay, sessions } = await start();
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    const session = await sessions.of('web');
    relay.server.breakConnections();
    await session.closed;
    expect((await stream.status).code).not.toBe(status.OK);
  });

  it('whose peer answers no ping are dead', async () => {
    const { relay } = await start({ settings: { pingMs: 50, pingTimeoutMs: 50 } });
    const socket = await connectTls(relay, ['h2']);
    socket.resume();
    // HTTP/2's preface and empty settings (RFC 9113, section 3.4), and not a word more.
    socket.write(
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
      ]),
    );
    await once(socket, 'close');
  });

  it('that idle without a stream are closed', async () => {
    const { relay } = await start({ settings: { connectionIdleMs: 50 } });
    const client = http2Session(relay);
    await once(client, 'close');
    expect(client.closed).toBe(true);
  });

  it('beyond the bound are dropped', async () => {
    const { relay } = await start({ settings: { maxConnections: 1 } });
    const first = await connectTls(relay, ['h2']);
    await expect(connectTls(relay, ['h2'])).rejects.toThrow();
    first.destroy();
  });

  it.each([
    { note: 'no TLS', bytes: () => Buffer.from('GET / HTTP/1.1\r\n\r\n') },
    { note: 'noise', bytes: () => randomBytes(4096) },
  ])('with $note are closed', async ({ bytes }) => {
    const { relay } = await start();
    const socket = connectTcp(relay.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(bytes());
    await once(socket, 'close');
  });

  it.each([{ alpn: 'h2' }, { alpn: 'http/1.1' }])(
    'with noise inside of TLS are closed ($alpn)',
    async ({ alpn }) => {
      const { relay } = await start();
      const socket = await connectTls(relay, [alpn]);
      expect(socket.alpnProtocol).toBe(alpn);
      socket.resume();
      socket.write(randomBytes(4096));
      await once(socket, 'close');
    },
  );

  it('that never finish their handshake are closed', async () => {
    const { relay } = await start({ settings: { handshakeMs: 50 } });
    const socket = connectTcp(relay.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'close');
  });
});

describe('the same port', () => {
  it.each([
    { method: 'POST', path: '/bootstrap', status: 200, body: 'echo {"a":1}' },
    { method: 'POST', path: '/bootstrap?x=1', status: 200, body: 'echo {"a":1}' },
    { method: 'GET', path: '/bootstrap', status: 400, body: '' },
    { method: 'GET', path: '/', status: 404, body: '404 page not found\n' },
    { method: 'POST', path: '//bootstrap', status: 404, body: '404 page not found\n' },
  ])('answers $method $path over HTTP/1.1 with $status', async ({ method, path, status: want, body }) => {
    const { relay } = await start();
    const answer = await http(relay, method, path, method === 'POST' ? '{"a":1}' : '');
    expect(answer).toMatchObject({ status: want, body });
  });

  it('gives HTTP/1.1 to those who offer both', async () => {
    const { relay } = await start();
    const socket = await connectTls(relay, ['h2', 'http/1.1']);
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });

  it('refuses bodies beyond the bound', async () => {
    const { relay } = await start({ settings: { maxBodyBytes: 100 } });
    const refusal = { status: 413, body: 'the body must be at most 100 bytes' };
    expect(await http(relay, 'POST', '/bootstrap', 'x'.repeat(101))).toMatchObject(refusal);
    const socket = await connectTls(relay, ['http/1.1']);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    // In chunks nobody knows how long it will be, and it does not end.
    socket.write('POST /bootstrap HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n');
    socket.write(`ff\r\n${'x'.repeat(255)}\r\n`);
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('tells those whom it cannot serve now when to come back, and keeps quiet about what broke', async () => {
    const { relay } = await start({
      bootstrap: async ({ body }) => {
        throw body === 'busy'
          ? new KumulusError('unavailable', 'busy', { retryAfterSeconds: 7 })
          : new Error('secret');
      },
    });
    expect(await http(relay, 'POST', '/bootstrap', 'busy')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '7' },
    });
    expect(await http(relay, 'POST', '/bootstrap', '')).toMatchObject({ status: 500, body: '' });
  });

  it('does not wait for slow requests', async () => {
    const { relay } = await start({ settings: { httpRequestMs: 50 } });
    const socket = await connectTls(relay, ['http/1.1']);
    socket.resume();
    socket.write('POST /bootstrap HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nslow');
    await once(socket, 'close');
  });

  it('closes connections that idle after an answer', async () => {
    const { relay } = await start({ settings: { httpIdleMs: 50 } });
    const socket = await connectTls(relay, ['http/1.1']);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write('POST /bootstrap HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\nhi');
    await once(socket, 'close');
    expect(text).toContain('echo hi');
  });

  it('answers a request that arrived while it was too busy to see that the connection idled', async () => {
    const { relay } = await start({ settings: { httpIdleMs: 50 } });
    const socket = await connectTls(relay, ['http/1.1']);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const ask = (body: string) =>
      socket.write(
        `POST /bootstrap HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    ask('hi');
    await expect.poll(() => text).toContain('echo hi');
    ask('again');
    const busyUntil = performance.now() + 100;
    while (performance.now() < busyUntil) {}
    await once(socket, 'close');
    expect(text).toContain('echo again');
  });

  it.each([
    { note: 'no gRPC', path: '/bootstrap', type: 'application/json', want: { ':status': 415 } },
    { note: 'an unknown method', path: '/x.Y/Z', type: 'application/grpc', want: { 'grpc-status': '12' } },
  ])('answers HTTP/2 with $note', async ({ path, type, want }) => {
    const { relay } = await start();
    const client = http2Session(relay);
    const stream = client.request({ ':method': 'POST', ':path': path, 'content-type': type });
    stream.end();
    const [headers] = await once(stream, 'response');
    expect(headers).toMatchObject(want);
    stream.resume();
    await once(stream, 'close');
    client.destroy();
  });

  it('serves a new certificate to those who come after it', async () => {
    const { relay } = await start();
    const before = await connectTls(relay, ['h2']);
    const { relay: other } = await start();
    const fingerprint = before.getPeerCertificate().fingerprint256;
    expect(other.ca).not.toBe(relay.ca);
    relay.server.setCertificate(other.material);
    const after = await connectTls({ ...relay, ca: other.ca }, ['h2']);
    expect(after.getPeerCertificate().fingerprint256).not.toBe(fingerprint);
    expect(before.destroyed).toBe(false);
    before.destroy();
    after.destroy();
  });
});
