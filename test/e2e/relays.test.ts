import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { useCloud } from './cloud.ts';
import { ask, createMesh } from './mesh.ts';

const cloud = useCloud({
  relays: { KUMULUS_DRAIN_TIME: '2', KUMA_XDS_DATAPLANE_DEREGISTRATION_DELAY: '1s' },
});
/** Far above what it takes, for machines that are busy. */
const soon = { timeout: 20_000, interval: 50 };

const overviewSchema = z.object({
  creationTime: z.string(),
  modificationTime: z.string(),
  dataplaneInsight: z.object({
    subscriptions: z
      .array(z.object({ controlPlaneInstanceId: z.string(), disconnectTime: z.string().optional() }))
      .default([]),
  }),
});

/** Asks again and again until it is told to stop; gives the number of requests for each status that there was. */
function keepAsking(port: number) {
  const statuses = new Map<number, number>();
  let stopped = false;
  const asking = (async () => {
    while (!stopped) {
      const { status } = await ask(port);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await sleep(5);
    }
  })();
  return async () => {
    stopped = true;
    await asking;
    return statuses;
  };
}

/** The relays that the proxy has streams at, when it came, and when it was last written. */
async function stateOf(mesh: string, name: string) {
  const path = `/meshes/${mesh}/dataplanes/${name}/_overview`;
  const { dataplaneInsight, ...times } = overviewSchema.parse(await cloud().get(path));
  const at = dataplaneInsight.subscriptions
    .filter(({ disconnectTime }) => disconnectTime === undefined)
    .map(({ controlPlaneInstanceId }) => controlPlaneInstanceId);
  return { at: [...new Set(at)], times };
}

/** The same, once it is known where the proxy is. */
async function whereIs(mesh: string, name: string) {
  await expect.poll(async () => (await stateOf(mesh, name)).at, soon).toHaveLength(1);
  return stateOf(mesh, name);
}

describe('relays on one table', () => {
  it('serve every proxy, and lose none and no request when one drains and another is killed', {
    timeout: 90_000,
  }, async () => {
    const [first, second] = await Promise.all([cloud().startRelay(), cloud().startRelay()]);
    const mesh = await createMesh(cloud());
    await mesh.allow('web', 'echo');

    cloud().serveBy(first);
    await mesh.startEcho('echo-1', 'echo');
    cloud().serveBy(second);
    const client = await mesh.startProxy({
      ...{ name: 'web-1', service: 'web', workload: 1 },
      outbounds: ['echo'],
    });
    const port = client.outbound('echo');
    await expect.poll(async () => (await ask(port)).status, soon).toBe(200);
    const [echo, web] = [await whereIs(mesh.name, 'echo-1'), await whereIs(mesh.name, 'web-1')];
    expect(echo.at).not.toEqual(web.at);

    const stopAsking = keepAsking(port);
    cloud().serveBy(first, second);
    first.child.kill('SIGTERM');
    await expect.poll(() => stateOf(mesh.name, 'echo-1'), soon).toEqual({ at: web.at, times: echo.times });
    expect(await first.child.ended).toBe(0);

    const third = await cloud().startRelay();
    cloud().serveBy(second, third);
    second.child.kill('SIGKILL');
    // One that is new is given both, and both are told of it: who moved is served.
    const other = await mesh.startEcho('echo-2', 'echo');
    const instances = new Set<string | undefined>();
    const bothAnswer = async () => {
      instances.add((await ask(port)).echo?.instance);
      return [...instances].sort();
    };
    await expect.poll(bothAnswer, soon).toEqual(['echo-1', 'echo-2']);
    const { at } = await whereIs(mesh.name, 'echo-2');
    for (const [name, { times }] of Object.entries({ 'echo-1': echo, 'web-1': web })) {
      await expect
        .poll(async () => (await stateOf(mesh.name, name)).at, soon)
        .toEqual(expect.arrayContaining(at));
      expect((await stateOf(mesh.name, name)).times).toEqual(times);
    }
    const statuses = await stopAsking();
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(100);

    other.child.kill('SIGTERM');
    await other.child.ended;
  });
});
