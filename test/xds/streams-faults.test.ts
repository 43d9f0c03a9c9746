import { randomBytes } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { connectClient, node, openDelta, openSotw } from './ads-client.ts';
import { startServing } from './relay-fixture.ts';

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
    const { relay, sessions } = await startServing();
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
    const { relay } = await startServing();
    const client = connectClient(relay);
    for (let round = 0; round < 20; round += 1) {
      const stream = round % 2 === 0 ? openDelta(client) : openSotw(client);
      stream.sendRaw(Buffer.concat([Buffer.from([0xff]), randomBytes(200)]));
      expect((await stream.status).code).toBe(status.INVALID_ARGUMENT);
    }
  });

  it('that nest without end are refused', async () => {
    const { relay } = await startServing();
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
    const { relay } = await startServing({ settings: { firstRequestMs: 50 } });
    const stream = openDelta(connectClient(relay));
    expect(await stream.status).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'no request arrived within 50 ms',
    });
  });

  it('larger than a message may be are refused', async () => {
    const { relay } = await startServing({ settings: { maxMessageBytes: 1000 } });
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
    const { relay, sessions } = await startServing();
    sessions.admit = () => Promise.reject(error);
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    expect(await stream.status).toMatchObject({ code, details: details ?? error.message });
  });

  it('end streams, with words that no header can hold made harmless', async () => {
    const { relay, sessions } = await startServing();
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
    const { relay, sessions } = await startServing();
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
    const { relay, sessions } = await startServing({
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
    const { relay, sessions } = await startServing();
    const stream = openDelta(connectClient(relay));
    stream.send({ node: node('web'), typeUrl: typeUrls.cluster });
    stream.send({ node: node('another'), typeUrl: typeUrls.listener });
    stream.send({ typeUrl: 'type.googleapis.com/unknown' });
    expect((await stream.next()).typeUrl).toBe(typeUrls.cluster);
    expect(sessions.opened).toBe(1);
  });
});
