import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startFaultyLink } from '../support/faulty-link.ts';
import { clusterOf, endpointsOf, listenerTo, startEnvoy, startWorkload } from './envoy-fixture.ts';
import { createSessions, snapshotOf, startRelay } from './relay-fixture.ts';

/** Envoy waits up to some seconds before it connects again. */
const patiently = { timeout: 15_000, interval: 20 };

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

/** Requests, one after the other, until it is told to stop; gives back what was answered to each. */
function keepAsking(port: number) {
  const answers: string[] = [];
  let over = false;
  const run = async () => {
    while (!over) {
      answers.push(await ask(port));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return answers;
  };
  const running = run();
  return () => {
    over = true;
    return running;
  };
}

describe.each([
  { protocol: 'delta', delta: true },
  { protocol: 'sotw', delta: false },
])('Envoy, by $protocol, behind a link that is half a second late and cut again and again', ({ delta }) => {
  it('serves traffic all along and ends with the newest configuration', async () => {
    const workloads = [await startWorkload('even'), await startWorkload('odd')] as const;
    /** Everything changes with the revision: the cluster, its endpoint, and a second cluster that comes and goes. */
    const at = (revision: number) =>
      snapshotOf(revision, [
        clusterOf('web', 1 + revision),
        endpointsOf('web', workloads[revision % 2 === 0 ? 0 : 1]),
        ...(revision % 2 === 0 ? [clusterOf('extra'), endpointsOf('extra', workloads[0])] : []),
        listenerTo('out', 'web'),
      ]);
    let newest = at(0);
    const sessions = createSessions(() => newest);
    const relay = await startRelay({ sessions });
    const link = await startFaultyLink(relay.port);
    const envoy = await startEnvoy({ ...relay, port: link.port }, { name: 'web-1', delta });
    const first = await sessions.of('web-1');
    const port = await envoy.port('out');
    await expect.poll(() => first.told.filter(([what]) => what === 'acknowledged').length, patiently).toBe(3);
    expect(await ask(port)).toBe('even');
    const stop = keepAsking(port);

    link.set({ toServer: { latencyMs: 250 }, toClient: { latencyMs: 250 } });
    for (let round = 1; round <= 2; round += 1) {
      const opened = sessions.opened;
      const session = await sessions.of('web-1');
      newest = at(round);
      session.publish(newest);
      // On its way, with some of it read or none.
      await expect
        .poll(() => session.told.some(([, , revision]) => revision === round), patiently)
        .toBe(true);
      link.cut(round % 2 === 0 ? 'end' : 'reset');
      await expect.poll(() => sessions.opened, patiently).toBe(opened + 1);
    }
    newest = at(3);
    (await sessions.of('web-1')).publish(newest);

    await expect
      .poll(() => envoy.admin('/config_dump?resource=dynamic_active_clusters'), patiently)
      .toContain('"4s"');
    await expect.poll(() => ask(port), patiently).toBe('odd');
    await expect.poll(() => envoy.stat('cluster.extra.membership_total'), patiently).toBeUndefined();
    const answers = await stop();
    expect(answers.length).toBeGreaterThan(50);
    expect(new Set(answers)).toEqual(new Set(['even', 'odd']));
    for (const counted of ['cluster_manager.cds.update_rejected', 'listener_manager.lds.update_rejected']) {
      expect(await envoy.stat(counted)).toBe(0);
    }
  });
});
