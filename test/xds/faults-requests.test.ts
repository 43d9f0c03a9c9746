import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { HealthCheckRequestOrEndpointHealthResponseSchema } from '../../src/envoy/gen/envoy/service/health/v3/hds_pb.ts';
import { relayService } from '../../src/xds/server/grpc-service.ts';
import { node } from './ads-client.ts';
import { assignment, cluster, createSessions, listener, snapshotOf, startRelay } from './relay-fixture.ts';
import { startBystanders, tenantByToken } from './support/bystanders.ts';
import { type DeltaInit, deltaRequest, grpcMessage, http2Session, openAds } from './support/http2-ads.ts';

const snapshot = snapshotOf(1, [cluster('a'), listener('in')]);

async function start(settings: NonNullable<Parameters<typeof startRelay>[0]['settings']> = {}) {
  const sessions = createSessions((name) => (name === 'web' ? snapshot : undefined));
  const relay = await startRelay({
    sessions,
    tenantOf: tenantByToken,
    settings: { farewellMs: 100, ...settings },
  });
  const bystanders = await startBystanders(relay, sessions);
  return { relay, sessions, bystanders, open: () => openAds(http2Session(relay)) };
}

const first = { node: node('web'), typeUrl: typeUrls.cluster } as const;
const texts = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i));
const record = <Value>(count: number, value: Value) =>
  Object.fromEntries(texts(count, (index) => `k${index}`).map((key) => [key, value]));

type Nested = { readonly [key: string]: Nested | string };
function nested(levels: number): Nested {
  return levels === 0 ? {} : { a: nested(levels - 1) };
}

/** A message of gRPC whose head says what it likes. */
function framed(flag: number, length: number, body: Uint8Array): Buffer {
  const head = Buffer.from([flag, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, body]);
}

const megabyte = 1024 * 1024;
const withMetadata = (metadata: Nested): DeltaInit => ({ ...first, node: { id: 'default.web', metadata } });

describe('a first request', () => {
  it.each<{ note: string; bytes: Buffer; code: status; says: string }>([
    ...[
      {
        note: 'a million names',
        request: { ...first, resourceNamesSubscribe: texts(1_000_000, () => '') },
        says: '60000',
      },
      {
        note: 'more names than a mesh has',
        request: { ...first, resourceNamesSubscribe: texts(50_001, String) },
        says: '50000',
      },
      {
        note: 'a name of a megabyte',
        request: { ...first, resourceNamesSubscribe: ['x'.repeat(megabyte)] },
        says: '1024',
      },
      {
        note: 'a hundred thousand versions',
        request: { ...first, initialResourceVersions: record(100_000, '') },
        says: '60000',
      },
      {
        note: 'a version of a megabyte',
        request: { ...first, initialResourceVersions: { a: 'x'.repeat(megabyte) } },
        says: '1024',
      },
      {
        note: 'metadata of 20,000 values',
        request: withMetadata(record(20_000, '')),
        says: 'at most 10000 values',
      },
      { note: 'metadata of 40 levels', request: withMetadata(nested(40)), says: 'at most 32 levels' },
      {
        note: 'a megabyte of metadata in one text',
        request: withMetadata({ workdir: 'x'.repeat(megabyte) }),
        says: 'at most 4096 characters',
      },
      {
        note: 'a node of many extensions',
        request: {
          ...first,
          node: { ...node('web'), extensions: texts(30_000, String).map((name) => ({ name })) },
        },
        says: 'node.extensions may have at most 20000 fields',
      },
      {
        note: 'a long name of its node’s cluster',
        request: { ...first, node: { ...node('web'), cluster: 'x'.repeat(megabyte) } },
        says: 'node may have at most 16384 bytes',
      },
      {
        note: 'a type of a megabyte',
        request: { ...first, typeUrl: 'x'.repeat(megabyte) },
        says: 'unknown type',
      },
    ].map(({ note, request, says }) => ({
      note,
      bytes: grpcMessage(deltaRequest(request)),
      code: status.INVALID_ARGUMENT,
      says,
    })),
    {
      note: 'a length beyond the bound',
      bytes: framed(0, 0xffff_ffff, Buffer.alloc(10)),
      code: status.RESOURCE_EXHAUSTED,
      says: 'larger than max',
    },
    {
      note: 'nothing in it',
      bytes: framed(0, 0, Buffer.alloc(0)),
      code: status.INVALID_ARGUMENT,
      says: 'must have a node',
    },
    {
      note: 'the wrong wire type',
      bytes: grpcMessage(Buffer.from([0x08, 1])),
      code: status.INVALID_ARGUMENT,
      says: 'cannot be read',
    },
    {
      note: 'a field that is longer than the message',
      bytes: grpcMessage(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])),
      code: status.INVALID_ARGUMENT,
      says: 'cannot be read',
    },
    {
      note: 'a group that never ends',
      bytes: grpcMessage(Buffer.alloc(1000, 0x0b)),
      code: status.INVALID_ARGUMENT,
      says: 'cannot be read',
    },
  ])('with $note ends its stream alone, and is told why', async ({ bytes, code, says }) => {
    const { bystanders, open, sessions, relay } = await start();
    const stream = open();
    stream.sendRaw(bytes);
    const end = await stream.ended;
    expect(end).toEqual({ grpcStatus: code, message: expect.stringContaining(says) });
    expect(end.message.length).toBeLessThan(1000);
    await bystanders.areServed();
    expect(bystanders.undisturbed).toBe(true);
    expect(sessions.live).toBe(2);
    expect(relay.server.load.streams).toBe(2);
  });

  it.each([
    { encoding: 'gzip', says: 'larger than', code: status.RESOURCE_EXHAUSTED },
    { encoding: 'br', says: 'unsupported encoding', code: status.UNIMPLEMENTED },
    { encoding: 'deflate', says: 'decompress', code: status.INTERNAL },
  ])('compressed by $encoding into a bomb is not unpacked', async ({ encoding, says, code }) => {
    const { bystanders, relay } = await start();
    const stream = openAds(http2Session(relay), undefined, undefined, { 'grpc-encoding': encoding });
    const bomb = gzipSync(Buffer.alloc(16 * megabyte));
    stream.sendRaw(framed(1, bomb.length, bomb));
    expect(await stream.ended).toEqual({ grpcStatus: code, message: expect.stringContaining(says) });
    await bystanders.areServed();
  });

  it('of which only a part comes is not waited for', async () => {
    const { bystanders, open, relay } = await start({ firstRequestMs: 100 });
    const stream = open();
    stream.sendRaw(framed(0, 1000, Buffer.alloc(10)));
    expect((await stream.ended).message).toContain('no request arrived');
    const left = open();
    left.sendRaw(framed(0, 1000, Buffer.alloc(10)));
    left.stream.end();
    await left.ended;
    await bystanders.areServed();
    expect(relay.server.load.streams).toBe(2);
  });

  it('of health checks is held to the same bounds', async () => {
    const health = { open: () => Promise.reject(new Error('nobody gets so far')) };
    const relay = await startRelay({
      sessions: createSessions(() => undefined),
      health,
      settings: { farewellMs: 100 },
    });
    const stream = openAds(http2Session(relay), undefined, relayService.StreamHealthCheck.path);
    const message = create(HealthCheckRequestOrEndpointHealthResponseSchema, {
      requestType: {
        case: 'healthCheckRequest',
        value: { node: { id: 'default.web', metadata: record(20_000, '') } },
      },
    });
    stream.sendRaw(grpcMessage(toBinary(HealthCheckRequestOrEndpointHealthResponseSchema, message)));
    expect(await stream.ended).toEqual({
      grpcStatus: status.INVALID_ARGUMENT,
      message: 'node.metadata may have at most 10000 values',
    });
  });
});

describe('a stream that is open', () => {
  it('ends where its names grow without end, request by request', async () => {
    const { bystanders, open } = await start();
    const stream = open();
    stream.send(first);
    for (let round = 0; round < 6; round += 1) {
      const names = texts(10_000, (index) => `${round}-${index}`);
      stream.send({ typeUrl: typeUrls.endpoint, resourceNamesSubscribe: names });
    }
    expect(await stream.ended).toMatchObject({
      grpcStatus: status.INVALID_ARGUMENT,
      message: expect.stringContaining('at most 50000 names'),
    });
    const long = open();
    long.send(first);
    for (let round = 0; round < 6; round += 1) {
      const names = texts(1000, (index) => `${round}-${index}-`.padEnd(1000, 'x'));
      long.send({ typeUrl: typeUrls.endpoint, resourceNamesSubscribe: names });
    }
    expect(await long.ended).toMatchObject({
      grpcStatus: status.INVALID_ARGUMENT,
      message: expect.stringContaining('at most 4194304 characters'),
    });
    await bystanders.areServed();
  });

  /** The answers that a proxy may give, and should not. */
  const oddities: readonly { note: string; requests: readonly DeltaInit[] }[] = [
    { note: 'another node', requests: [{ node: node('another'), typeUrl: typeUrls.cluster }] },
    {
      note: 'an unknown type',
      requests: [{ typeUrl: 'type.googleapis.com/none', resourceNamesSubscribe: ['x'] }],
    },
    {
      note: 'a thousand unknown types',
      requests: texts(500, (index) => `type.googleapis.com/x${index}`).map((typeUrl) => ({ typeUrl })),
    },
    { note: 'a nonce that never was', requests: [{ typeUrl: typeUrls.cluster, responseNonce: '99' }] },
    { note: 'a nonce of no number', requests: [{ typeUrl: typeUrls.cluster, responseNonce: '\u{1f4a5}' }] },
    { note: 'the nonce of another type', requests: [{ typeUrl: typeUrls.listener, responseNonce: '1' }] },
    {
      note: 'an answer to a type that was never sent',
      requests: [{ typeUrl: typeUrls.secret, responseNonce: '1' }],
    },
    {
      note: 'a refusal of what was never sent',
      requests: [{ typeUrl: typeUrls.route, responseNonce: '1', errorDetail: { code: 3, message: 'no' } }],
    },
    {
      note: 'the same answer a hundred times',
      requests: texts(100, String).map(() => ({ typeUrl: typeUrls.cluster, responseNonce: '1' })),
    },
    {
      note: 'an end to subscriptions that never were',
      requests: [{ typeUrl: typeUrls.endpoint, resourceNamesUnsubscribe: ['x', '*', ''] }],
    },
    {
      note: 'versions again, which count only once',
      requests: [{ typeUrl: typeUrls.cluster, initialResourceVersions: { a: 'x', b: 'y' } }],
    },
  ];

  it.each(oddities)('goes on in spite of $note', async ({ requests }) => {
    const { bystanders, open, sessions } = await start();
    const stream = open();
    const nonces: string[] = [];
    const versions = new Map<string, string>();
    stream.onResponse(({ typeUrl, nonce, resources }) => {
      nonces.push(nonce);
      for (const { name, version } of resources) {
        versions.set(name, version);
      }
      stream.send({ typeUrl, responseNonce: nonce });
    });
    stream.send(first);
    await expect.poll(() => nonces).toEqual(['1']);
    for (const request of requests) {
      stream.send(request);
    }
    const session = await sessions.of('web');
    const changed = cluster('a', 2);
    session.publish(snapshotOf(2, [changed, listener('in', 2)]));
    await expect.poll(() => versions.get('a')).toBe(changed.version);
    await expect
      .poll(() => session.told.filter(([what, , detail]) => what === 'acknowledged' && detail === 2).length)
      .toBeGreaterThan(0);
    // One answer for each response, and none for what was made up.
    const count = (kind: string) => session.told.filter(([what]) => what === kind).length;
    expect([count('acknowledged'), count('rejected')]).toEqual([count('sent'), 0]);
    expect(sessions.opened).toBe(3);
    await bystanders.areServed();
    expect(bystanders.undisturbed).toBe(true);
    stream.close();
  });

  it('is sent what it refuses once for each change of it, and no more', async () => {
    const { bystanders, open, sessions } = await start();
    const stream = open();
    const sent: string[] = [];
    stream.onResponse(({ typeUrl, nonce, resources }) => {
      sent.push(...resources.map(({ name, version }) => `${name} ${version}`));
      stream.send({
        typeUrl,
        responseNonce: nonce,
        errorDetail: { code: 13, message: `no ${'x'.repeat(10_000)}` },
      });
    });
    const types = [typeUrls.cluster, typeUrls.endpoint, typeUrls.listener];
    for (const [position, typeUrl] of types.entries()) {
      stream.send({ ...(position === 0 && { node: node('web') }), typeUrl, resourceNamesSubscribe: ['*'] });
    }
    const session = await sessions.of('web');
    for (let revision = 2; revision <= 30; revision += 1) {
      session.publish(
        snapshotOf(revision, [cluster('a'), cluster('b', revision), assignment('a'), listener('in', 1)]),
      );
      await bystanders.areServed();
    }
    await expect.poll(() => sent.at(-1)).toBe(`b ${cluster('b', 30).version}`);
    expect(new Set(sent).size).toBe(sent.length - sent.filter((each) => each.startsWith('a ')).length + 2);
    const refusals = session.told.filter(([what]) => what === 'rejected');
    expect(refusals.length).toBe(session.told.filter(([what]) => what === 'sent').length);
    // Envoy's words, up to a bound.
    expect(
      refusals.every(([, , words]) => typeof words === 'string' && /^no x{4000,4093}$/.test(words)),
    ).toBe(true);
    stream.close();
  });

  it('is read no quicker than at its pace, and everything in the end', async () => {
    const { bystanders, open, sessions } = await start({ requestBurst: 20, requestsPerSecond: 1000 });
    const stream = open();
    stream.onResponse(({ typeUrl, nonce }) => stream.send({ typeUrl, responseNonce: nonce }));
    stream.send(first);
    const session = await sessions.of('web');
    const begun = performance.now();
    for (let round = 0; round < 300; round += 1) {
      stream.send({ typeUrl: typeUrls.listener, resourceNamesSubscribe: [`x${round}`] });
    }
    stream.send({ typeUrl: typeUrls.endpoint, resourceNamesSubscribe: ['last'] });
    session.publish(snapshotOf(2, [cluster('a'), assignment('last'), listener('in')]));
    await expect
      .poll(() => session.told.some(([, typeUrl]) => typeUrl === typeUrls.endpoint), { timeout: 5000 })
      .toBe(true);
    // Timers are never early.
    expect(performance.now() - begun).toBeGreaterThan(250);
    await bystanders.areServed();
    stream.close();
  });
});

describe('a thousand streams', () => {
  it('on one connection are as many as it may have, and the others wait in the client', async () => {
    const { bystanders, relay, sessions } = await start();
    const session = http2Session(relay);
    const streams = texts(1000, String).map(() => {
      const stream = openAds(session);
      stream.send(first);
      return stream;
    });
    await expect.poll(() => relay.server.load.streams).toBe(34);
    await expect.poll(() => sessions.live).toBe(34);
    await bystanders.areServed();
    for (const stream of streams) {
      stream.close();
    }
    session.destroy();
    await expect.poll(() => [relay.server.load.streams, sessions.live]).toEqual([2, 2]);
    expect(bystanders.undisturbed).toBe(true);
  });
});
