import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { clusterOf, endpointsOf, listenerTo, startEnvoy, startWorkload } from './envoy-fixture.ts';
import { createSessions, snapshotOf, startRelay, type TestSession } from './relay-fixture.ts';

/** Envoy gives a cluster's endpoints 15 seconds; what is proven here must not need them. */
const promptly = { timeout: 8_000 };

/** What the workload behind a port says. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

function acknowledged(session: TestSession, revision: number): Promise<void> {
  const done = () =>
    session.told.filter(([what, , detail]) => what === 'acknowledged' && detail === revision);
  return expect.poll(() => done().length, promptly).toBeGreaterThan(0);
}

describe.each([
  { protocol: 'delta', delta: true },
  { protocol: 'sotw', delta: false },
])('Envoy, by $protocol', ({ protocol, delta }) => {
  it('is configured, follows changes without a gap, and keeps what it has when the relay goes', async () => {
    const old = await startWorkload('old');
    const young = await startWorkload('young');
    const first = snapshotOf(1, [clusterOf('web'), endpointsOf('web', old), listenerTo('out', 'web')]);
    const sessions = createSessions(() => first);
    const relay = await startRelay({ sessions });
    const envoy = await startEnvoy(relay, { name: 'web-1', delta });
    const session = await sessions.of('web-1');
    expect(session.hello).toMatchObject({ protocol, token: 'a-token', mesh: 'default' });
    const port = await envoy.port('out');
    expect(await ask(port)).toBe('old');

    // Another endpoint.
    session.publish(snapshotOf(2, [clusterOf('web'), endpointsOf('web', young), listenerTo('out', 'web')]));
    await acknowledged(session, 2);
    await expect.poll(() => ask(port), promptly).toBe('young');

    // The cluster changes and its endpoints do not: it must not wait for them.
    session.publish(
      snapshotOf(3, [clusterOf('web', 3), endpointsOf('web', young), listenerTo('out', 'web')]),
    );
    await acknowledged(session, 3);
    await expect
      .poll(() => envoy.admin('/config_dump?resource=dynamic_active_clusters'), promptly)
      .toContain('"3s"');
    expect(await envoy.stat('cluster_manager.warming_clusters')).toBe(0);
    expect(await ask(port)).toBe('young');

    // Another cluster takes its place under the same listener.
    session.publish(snapshotOf(4, [clusterOf('db'), endpointsOf('db', old), listenerTo('out', 'db')]));
    await acknowledged(session, 4);
    await expect.poll(async () => ask(await envoy.port('out')), promptly).toBe('old');
    await expect.poll(() => envoy.stat('cluster.web.membership_total'), promptly).toBeUndefined();
    expect(session.told.filter(([what]) => what === 'rejected')).toEqual([]);
    expect(await envoy.stat('cluster_manager.cds.update_rejected')).toBe(0);
    expect(await envoy.stat('listener_manager.lds.update_rejected')).toBe(0);
  });

  it('is sent nothing when it comes back, and tells why it refuses', async () => {
    const workload = await startWorkload('here');
    const good = [clusterOf('web'), endpointsOf('web', workload), listenerTo('out', 'web')];
    const sessions = createSessions(() => snapshotOf(1, good));
    const relay = await startRelay({ sessions });
    const envoy = await startEnvoy(relay, { name: 'web-1', delta });
    const session = await sessions.of('web-1');
    expect(await ask(await envoy.port('out'))).toBe('here');
    await expect.poll(() => session.told.filter(([what]) => what === 'acknowledged').length).toBe(3);

    relay.server.breakConnections();
    await session.closed;
    await expect.poll(() => sessions.opened, promptly).toBe(2);
    const back = await sessions.of('web-1');
    expect(back).not.toBe(session);
    // What it refuses comes after all that it might have been sent for coming back.
    back.publish(snapshotOf(2, [...good, clusterOf('bad', -1)]));
    await expect.poll(() => back.told, promptly).toHaveLength(2);
    expect(back.told).toEqual([
      ['sent', typeUrls.cluster, 2],
      ['rejected', typeUrls.cluster, expect.stringMatching(/Invalid duration/)],
    ]);
    expect(await ask(await envoy.port('out'))).toBe('here');
  });
});
