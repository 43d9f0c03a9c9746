import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { node } from './ads-client.ts';
import { cluster, createSessions, snapshotOf, startRelay } from './relay-fixture.ts';
import { deltaRequest, grpcMessage } from './support/http2-ads.ts';
import { callHeaders, endHeaders, frame, frameTypes, preface } from './support/http2-frames.ts';

const patiently = { timeout: 15_000, interval: 20 };

const call = Buffer.concat([
  // Windows that hold more than a socket does.
  preface([[4, 2 ** 30]]),
  frame(frameTypes.windowUpdate, 0, 0, Buffer.from([0x3f, 0, 0, 0])),
  frame(frameTypes.headers, endHeaders, 1, callHeaders()),
  frame(frameTypes.data, 0, 1, grpcMessage(deltaRequest({ node: node('web'), typeUrl: typeUrls.cluster }))),
]);
/** Some records of TLS, each of which is answered on its own. */
const pings = Buffer.concat(
  Array.from({ length: 6_000 }, () => frame(frameTypes.ping, 0, 0, Buffer.alloc(8))),
);

describe('a connection that is reset while the relay writes', () => {
  it('is found, although Node hears of it no more, and its stream ends', async () => {
    const large = Array.from({ length: 20_000 }, (_, index) => cluster(`cluster-${index}`));
    const sessions = createSessions(() => snapshotOf(1, large));
    const { server, port, ca } = await startRelay({ sessions, settings: { watchMs: 50 } });
    const raw = connectTcp(port, '127.0.0.1');
    const socket = connect({ socket: raw, servername: 'localhost', ca, ALPNProtocols: ['h2'] });
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    socket.pause();
    socket.write(call);
    await expect.poll(() => sessions.live, patiently).toBe(1);
    await expect.poll(() => socket.readableLength, patiently).toBeGreaterThan(0);

    // What was not read turns the end into a reset, which is there before the relay comes to answer.
    socket.write(pings);
    raw.destroy();
    await expect.poll(() => server.load, patiently).toEqual({ connections: 0, streams: 0 });
    await expect.poll(() => sessions.live, patiently).toBe(0);
  });
});
