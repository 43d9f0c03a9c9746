import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../src/model/errors.ts';
import { connectTls, startServing, type TestRelay } from './relay-fixture.ts';
import { http2Session } from './support/http2-ads.ts';

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

describe('the same port', () => {
  it.each([
    { method: 'POST', path: '/bootstrap', status: 200, body: 'echo {"a":1}' },
    { method: 'POST', path: '/bootstrap?x=1', status: 200, body: 'echo {"a":1}' },
    { method: 'GET', path: '/bootstrap', status: 400, body: '' },
    { method: 'GET', path: '/', status: 404, body: '404 page not found\n' },
    { method: 'POST', path: '//bootstrap', status: 404, body: '404 page not found\n' },
  ])('answers $method $path over HTTP/1.1 with $status', async ({ method, path, status: want, body }) => {
    const { relay } = await startServing();
    const answer = await http(relay, method, path, method === 'POST' ? '{"a":1}' : '');
    expect(answer).toMatchObject({ status: want, body });
  });

  it('gives HTTP/1.1 to those who offer both', async () => {
    const { relay } = await startServing();
    const socket = await connectTls(relay, ['h2', 'http/1.1']);
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });

  it('refuses bodies beyond the bound', async () => {
    const { relay } = await startServing({ settings: { maxBodyBytes: 100 } });
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
    const { relay } = await startServing({
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
    const { relay } = await startServing({ settings: { httpRequestMs: 50 } });
    const socket = await connectTls(relay, ['http/1.1']);
    socket.resume();
    socket.write('POST /bootstrap HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nslow');
    await once(socket, 'close');
  });

  it('closes connections that idle after an answer', async () => {
    const { relay } = await startServing({ settings: { httpIdleMs: 50 } });
    const socket = await connectTls(relay, ['http/1.1']);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write('POST /bootstrap HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\nhi');
    await once(socket, 'close');
    expect(text).toContain('echo hi');
  });

  it('answers a request that arrived while it was too busy to see that the connection idled', async () => {
    const { relay } = await startServing({ settings: { httpIdleMs: 50 } });
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
    const { relay } = await startServing();
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
    const { relay } = await startServing();
    const before = await connectTls(relay, ['h2']);
    const { relay: other } = await startServing();
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
