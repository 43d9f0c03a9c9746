import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { askControlPlane, askEnvoy } from '../../dev/quickstart/evidence.ts';
import { startDp } from '../dp/dp-fixture.ts';
import { useControlPlane } from './control-plane.ts';
import { ask, createMesh, type TestMesh } from './mesh.ts';

const e2e = useControlPlane();
/** Far above what it takes, for machines that are busy. */
const soon = { timeout: 15_000, interval: 50 };

/** A client, an echo server that it may talk to, and the client's port to it. */
async function clientAndServer(mesh: TestMesh) {
  const permission = await mesh.allow('web', 'echo');
  const server = await mesh.startEcho('echo-1', 'echo');
  const client = await mesh.startProxy({ name: 'web-1', service: 'web', workload: 1, outbounds: ['echo'] });
  const port = client.outbound('echo');
  await expect.poll(async () => (await ask(port)).status, soon).toBe(200);
  return { permission, server, client, port };
}

/** Which instances answer, and with which statuses, over some requests. */
async function sample(port: number, requests = 20) {
  const answers = [];
  for (let index = 0; index < requests; index += 1) answers.push(await ask(port));
  return {
    instances: [...new Set(answers.flatMap((one) => one.echo?.instance ?? []))].sort(),
    statuses: [...new Set(answers.map((one) => one.status))].sort(),
  };
}

describe('traffic between proxies', () => {
  it('passes over mTLS, and the server hears who asks', async () => {
    const mesh = await createMesh(e2e);
    const { server, client, port } = await clientAndServer(mesh);
    const { echo } = await ask(port);
    expect(echo?.headers['x-forwarded-client-cert']).toContain(`URI=spiffe://${mesh.name}/web`);
    for (const [proxy, service] of [
      [client, 'web'],
      [server, 'echo'],
    ] as const) {
      const evidence = await askEnvoy(proxy.admin);
      expect(evidence?.identities).toEqual([`spiffe://${mesh.name}/${service}`]);
      expect(evidence?.handshakes).toBeGreaterThan(0);
    }
  });

  it('does not pass without TLS', async () => {
    const { server } = await clientAndServer(await createMesh(e2e));
    const socket = connect(server.inbound, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
    });
    await once(socket, 'close');
    expect(received).not.toContain('HTTP/1.1');
  });

  it('is denied to a service without permission', async () => {
    const mesh = await createMesh(e2e);
    await clientAndServer(mesh);
    const other = await mesh.startProxy({
      name: 'cron-1',
      service: 'cron',
      workload: 1,
      outbounds: ['echo'],
    });
    await expect.poll(async () => (await ask(other.outbound('echo'))).status, soon).toBe(403);
  });

  it('ends when the permission is taken away, and begins again with it', async () => {
    const mesh = await createMesh(e2e);
    const { permission, port } = await clientAndServer(mesh);
    await e2e.controlPlane().remove(permission);
    await expect.poll(async () => (await ask(port)).status, soon).toBe(403);
    await mesh.allow('web', 'echo');
    await expect.poll(async () => (await ask(port)).status, soon).toBe(200);
  });

  it('reaches a new instance, and no request is lost when it stops gently', async () => {
    const mesh = await createMesh(e2e);
    const { port } = await clientAndServer(mesh);
    expect(await sample(port)).toEqual({ instances: ['echo-1'], statuses: [200] });

    const second = await mesh.startEcho('echo-2', 'echo');
    await expect.poll(async () => (await sample(port)).instances, soon).toEqual(['echo-1', 'echo-2']);

    second.child.kill('SIGTERM');
    const statuses = new Set<number>();
    let ended = false;
    void second.child.ended.then(() => {
      ended = true;
    });
    while (!ended) {
      for (const status of (await sample(port)).statuses) statuses.add(status);
    }
    expect([...statuses]).toEqual([200]);
    expect(await sample(port)).toEqual({ instances: ['echo-1'], statuses: [200] });
  });

  it('does not reach an instance whose proxy was killed', async () => {
    const mesh = await createMesh(e2e);
    const { port } = await clientAndServer(mesh);
    const second = await mesh.startEcho('echo-2', 'echo');
    await expect.poll(async () => (await sample(port)).instances, soon).toEqual(['echo-1', 'echo-2']);
    second.child.kill('SIGKILL');
    await expect.poll(() => sample(port), soon).toEqual({ instances: ['echo-1'], statuses: [200] });
  });
});

describe('readiness', () => {
  // Other systems than Linux have to be given 127.0.0.2 first.
  it.runIf(process.platform === 'linux')('is told by the proxy itself, through its Envoy', async () => {
    const mesh = await createMesh(e2e);
    const proxy = await mesh.startProxy({ name: 'web-1', service: 'web', workload: 1, address: '127.0.0.2' });
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.2:${proxy.admin}/ready`);
      return `${answer.status} ${await answer.text()}`;
    };
    await expect.poll(() => ready().catch(() => 'not there'), soon).toBe('200 READY');
    proxy.child.kill('SIGTERM');
    await expect.poll(ready, soon).toBe('503 TERMINATING');
  });
});

describe('a proxy with the token of another service', () => {
  it('does not start, and says why', async () => {
    const mesh = await createMesh(e2e);
    const token = await e2e.controlPlane().token(mesh.name, 'another');
    const dataplane = {
      ...{ type: 'Dataplane', mesh: mesh.name, name: 'web-1' },
      networking: { address: '127.0.0.1', inbound: [{ port: 1, tags: { 'kuma.io/service': 'web' } }] },
    };
    const { dp, ca } = e2e.controlPlane();
    const proxy = startDp([
      ...['--cp-address', dp, '--ca-cert-file', ca],
      ...['--dataplane', JSON.stringify(dataplane), '--dataplane-token', token],
    ]);
    expect(await proxy.ended).toEqual({ code: 1, signal: null });
    expect(proxy.stderr()).toMatch(/^Error: the control plane refused: .*kuma\.io\/service.*\n$/);
    expect(`${proxy.stdout()}${proxy.stderr()}`).not.toContain(token);
  });
});

describe('what the control plane knows', () => {
  it('is that a proxy is online, what it acknowledged, and until when its certificate holds', async () => {
    const mesh = await createMesh(e2e);
    const { client, server } = await clientAndServer(mesh);
    for (const proxy of [client, server]) {
      await expect
        .poll(() => askControlPlane(e2e.controlPlane(), proxy.name, mesh.name), soon)
        .toMatchObject({
          online: true,
          rejected: 0,
          versions: expect.arrayContaining([expect.objectContaining({ kind: 'lds' })]),
          certificateExpires: expect.any(String),
        });
    }
  });

  it('is that a stopped proxy is gone', async () => {
    const mesh = await createMesh(e2e);
    const { client } = await clientAndServer(mesh);
    client.child.kill('SIGTERM');
    await client.child.ended;
    await expect
      .poll(
        async () => (await askControlPlane(e2e.controlPlane(), client.name, mesh.name))?.online ?? false,
        soon,
      )
      .toBe(false);
  });
});
