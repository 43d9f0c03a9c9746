import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { portOf } from '../../dev/tools/free-port.ts';
import { createPerson } from '../cli/cli-fixture.ts';
import { useControlPlane } from './control-plane.ts';
import { createMesh } from './mesh.ts';

const e2e = useControlPlane();

/** A port that something else listens on, so that Envoy cannot. */
async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return portOf(server);
}

describe('kumulus apply --wait', () => {
  it('ends when every Envoy has it, and says in Envoy’s words which does not take it', async () => {
    const mesh = await createMesh(e2e);
    const { api, get } = e2e.controlPlane();
    await Promise.all([
      mesh.startEcho('echo-1', 'echo'),
      mesh.startProxy({ name: 'web-1', service: 'web', workload: 1, outbounds: ['echo'] }),
    ]);
    const person = createPerson({ KUMULUS_ADDRESS: api, KUMULUS_MESH: mesh.name });
    const apply = (resource: object) =>
      person.run(['apply', '-f', '-', '--wait', '--timeout', '20s'], JSON.stringify(resource));

    const timeout = {
      ...{ type: 'MeshTimeout', mesh: mesh.name, name: 'a-slow' },
      spec: {
        targetRef: { kind: 'Mesh' },
        to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '3s' } }],
      },
    };
    // On a slow machine there are lines of progress in between.
    const done = { error: undefined, notes: expect.stringMatching(/2 of 2 connected proxies have it\n$/) };
    expect(await apply(timeout)).toMatchObject(done);

    const path = `/meshes/${mesh.name}/dataplanes/web-1`;
    const before = Object(await get(path));
    const [outbound] = before.networking.outbound;
    const withPort = (port: number) => ({
      ...before,
      networking: { ...before.networking, outbound: [{ ...outbound, port }] },
    });
    const taken = await takenPort();
    const refused = await apply(withPort(taken));
    expect(refused.error).toMatch(
      /^1 of 2 proxies of mesh \S+ do not have revision \d+\n {2}web-1 refused it/,
    );
    expect(refused.error).toContain('cannot bind');
    expect(await get(`/meshes/${mesh.name}/_propagation`)).toMatchObject({
      complete: false,
      proxies: { connected: 2, have: 1, waiting: 0, failed: 1, offline: 0 },
      waitingFor: [
        {
          name: 'web-1',
          reason: 'refused',
          typeUrl: 'type.googleapis.com/envoy.config.listener.v3.Listener',
          message: expect.stringContaining(`127.0.0.1:${taken}`),
        },
      ],
    });
    // Its own insight says the same.
    const insight = () => get(`/meshes/${mesh.name}/dataplane-insights/web-1`);
    await expect.poll(insight, { timeout: 15_000, interval: 50 }).toMatchObject({
      subscriptions: [
        {
          status: { lds: { responsesRejected: '1' } },
          refused: ['lds'],
          lastNack: { message: expect.stringContaining('cannot bind') },
        },
      ],
    });

    // A change that does not touch it does not mend it; one that takes the outbound back does.
    expect((await apply({ ...timeout, name: 'a-other' })).error).toContain('web-1 refused it');
    expect(await apply(before)).toMatchObject(done);
    expect(await apply(before)).toMatchObject(done);
  }, 90_000);
});
