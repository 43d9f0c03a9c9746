import { mkdtempSync, readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { typeUrls } from '../../src/compile/snapshot.ts';
import { type ControlPlaneProcess, startControlPlaneProcess } from '../support/control-plane-process.ts';
import { connectClient, openDelta } from '../xds/ads-client.ts';

/** Short, and far enough apart for a busy machine to see what comes between. */
const environment = {
  KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT: '1s',
  KUMA_RUNTIME_UNIVERSAL_DATAPLANE_CLEANUP_AGE: '4s',
  KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '500ms',
  KUMULUS_JOBS_INTERVAL: '200ms',
};
const patiently = { timeout: 20_000, interval: 50 };

function dataplane(name: string): object {
  const inbound = [{ port: 80, tags: { 'kuma.io/service': 'web' } }];
  return { type: 'Dataplane', mesh: 'default', name, networking: { address: '10.0.0.1', inbound } };
}

/** What the API tells of proxies. */
function observe(api: string) {
  const headers = { 'content-type': 'application/json' };
  const status = async (name: string) => {
    for (const wanted of ['online', 'offline']) {
      const answer = await fetch(`${api}/meshes/default/dataplanes/_overview?status=${wanted}`);
      const { items } = z
        .object({ items: z.array(z.object({ name: z.string() })) })
        .parse(await answer.json());
      if (items.some((one) => one.name === name)) {
        return wanted;
      }
    }
    return 'deleted';
  };
  return {
    status,
    becomes: (name: string, wanted: string) => expect.poll(() => status(name), patiently).toBe(wanted),
    async token(name: string) {
      const body = JSON.stringify({ name, mesh: 'default', validFor: '1h' });
      return (await fetch(`${api}/tokens/dataplane`, { method: 'POST', headers, body })).text();
    },
    async prepare(name: string) {
      const url = `${api}/meshes/default/dataplanes/${name}`;
      const body = JSON.stringify(dataplane(name));
      expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(201);
    },
  };
}

/** Opens the stream of a proxy over a connection that can be reset. */
async function connectProxy(server: ControlPlaneProcess, name: string, mode: 'direct' | 'indirect') {
  const sockets: Socket[] = [];
  const link = createServer((near) => {
    const far = connectTcp(Number(new URL(server.dp).port), '127.0.0.1');
    sockets.push(near, far);
    for (const socket of [near, far]) {
      socket.on('error', () => {});
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => link.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void link.close());
  const address = link.address();
  if (address === null || typeof address === 'string') {
    throw new Error('a TCP server has a port');
  }
  const client = connectClient({ port: address.port, ca: readFileSync(server.ca, 'utf8') });
  const stream = openDelta(client, await observe(server.api).token(name));
  const metadata = mode === 'direct' ? { 'dataplane.resource': JSON.stringify(dataplane(name)) } : {};
  stream.send({ typeUrl: typeUrls.cluster, node: { id: `default.${name}`, metadata } });
  await stream.next();
  return {
    leave: () => stream.close(),
    cut: () => sockets.map((socket) => socket.resetAndDestroy()),
  };
}

async function start(data?: string): Promise<ControlPlaneProcess> {
  const server = await startControlPlaneProcess(environment, data);
  onTestFinished(server.stop);
  return server;
}

it('proxies go by themselves and are cut off, with Dataplanes of their own and of others', async () => {
  const server = await start();
  const { becomes, prepare } = observe(server.api);
  await prepare('indirect-left');
  await prepare('indirect-lost');
  await prepare('never');
  const proxies = {
    'direct-left': await connectProxy(server, 'direct-left', 'direct'),
    'direct-lost': await connectProxy(server, 'direct-lost', 'direct'),
    'indirect-left': await connectProxy(server, 'indirect-left', 'indirect'),
    'indirect-lost': await connectProxy(server, 'indirect-lost', 'indirect'),
  };
  await Promise.all(Object.keys(proxies).map((name) => becomes(name, 'online')));
  proxies['direct-left'].leave();
  proxies['indirect-left'].leave();
  proxies['direct-lost'].cut();
  proxies['indirect-lost'].cut();
  const seen = (names: readonly string[]) => Promise.all(names.map((name) => becomes(name, 'offline')));
  // In the order of time: these are offline for four seconds before they are deleted.
  await seen(['indirect-left', 'indirect-lost', 'direct-lost']);
  await becomes('direct-left', 'deleted');
  await Promise.all(
    ['indirect-left', 'indirect-lost', 'direct-lost'].map((name) => becomes(name, 'deleted')),
  );
  await becomes('never', 'offline');
}, 60_000);

it('a proxy that dies with its relay goes offline and is deleted in the end', async () => {
  const data = mkdtempSync(join(tmpdir(), 'kumulus-killed-'));
  const first = await startControlPlaneProcess(environment, data);
  const proxy = await connectProxy(first, 'web-1', 'direct');
  await observe(first.api).becomes('web-1', 'online');
  await first.kill();
  proxy.cut();
  const second = await start(data);
  await observe(second.api).becomes('web-1', 'offline');
  await observe(second.api).becomes('web-1', 'deleted');
}, 60_000);
