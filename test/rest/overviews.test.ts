import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Subscription } from '../../src/store/insights.ts';
import { type ApiAnswer, type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;

const stats = { responsesSent: 3, responsesAcknowledged: 2, responsesRejected: 1 };

function subscription(relay: string, disconnectTime?: string): Subscription {
  return {
    id: `subscription-${relay}`,
    controlPlaneInstanceId: relay,
    connectTime: '2026-01-01T00:00:00.000Z',
    lastUpdateTime: '2026-01-01T00:00:01.000Z',
    stats: { total: stats, cds: stats },
    ...(disconnectTime !== undefined && { disconnectTime }),
  };
}

async function put(name: string, mesh: string, inbound: readonly object[], networking: object = {}) {
  const body = {
    type: 'Dataplane',
    mesh,
    name,
    labels: { team: name.slice(0, 2) },
    networking: { address: '10.0.0.1', ...(inbound.length > 0 && { inbound }), ...networking },
  };
  expect((await api.request('PUT', `/meshes/${mesh}/dataplanes/${name}`, { body })).status).toBe(201);
}

async function connect(name: string, ...subscriptions: readonly Subscription[]) {
  await api.insights.update(api.tenant, 'default', name, () => ({ subscriptions }));
}

const ready = (port: number) => ({ port, tags: { 'kuma.io/service': 'shop' } });
const notReady = (port: number) => ({ ...ready(port), state: 'NotReady' });

/** How an overview's proxy shows, as `kumactl` concludes it from the subscriptions. */
function shownOpen(overview: unknown): boolean {
  const { subscriptions = [] } = Object(Object(overview).dataplaneInsight);
  return subscriptions.some((each: object) => !('disconnectTime' in each));
}

function overviews(list: ApiAnswer): ReadonlyMap<string, unknown> {
  const { items = [] } = Object(list.body);
  return new Map(items.map((item: { name: string }) => [item.name, item]));
}

beforeAll(async () => {
  api = await createApiFixture(['default', 'other']);
  await api.request('PUT', '/meshes/second', { body: { type: 'Mesh', name: 'second' } });
  await put('on-line', 'default', [ready(80)]);
  await put('on-gateway', 'default', [], {
    gateway: { type: 'BUILTIN', tags: { 'kuma.io/service': 'gate' } },
  });
  await put('on-partly', 'default', [ready(80), notReady(81)]);
  await put('of-unready', 'default', [notReady(80)]);
  await put('of-never', 'default', [ready(80)]);
  await put('of-closed', 'default', [ready(80)]);
  await put('of-dead-relay', 'default', [ready(80)]);
  await put('of-elsewhere', 'second', [ready(80)]);
  await api.leases.renew('alive', 60_000);
  await connect('on-line', subscription('dead', '2026-01-01T00:00:00.500Z'), subscription('alive'));
  await connect('on-gateway', subscription('alive'));
  await connect('on-partly', subscription('alive'));
  await connect('of-unready', subscription('alive'));
  await connect('of-closed', subscription('alive', '2026-01-01T00:00:02.000Z'));
  await connect('of-dead-relay', subscription('dead'));
});

afterAll(() => api.close());

describe('overviews', () => {
  it.each(['/meshes/default/dataplanes/_overview', '/meshes/default/dataplanes+insights'])(
    '%s has Dataplanes with what is known of their proxies',
    async (path) => {
      const list = await api.request('GET', path);
      expect(list).toMatchObject({ status: 200, body: { total: 7, next: null } });
      expect(overviews(list).get('on-line')).toEqual({
        type: 'DataplaneOverview',
        mesh: 'default',
        name: 'on-line',
        creationTime: expect.any(String),
        modificationTime: expect.any(String),
        labels: expect.objectContaining({ team: 'on' }),
        dataplane: { networking: expect.objectContaining({ address: '10.0.0.1' }) },
        dataplaneInsight: {
          subscriptions: [
            expect.objectContaining({ disconnectTime: '2026-01-01T00:00:00.500Z' }),
            expect.objectContaining({ controlPlaneInstanceId: 'alive' }),
          ],
        },
      });
      expect(overviews(list).get('of-never')).not.toHaveProperty('dataplaneInsight');
    },
  );

  it('are of all meshes without one in the path', async () => {
    const names = ['of-elsewhere', 'on-line'];
    for (const path of ['/dataplanes/_overview', '/dataplanes+insights']) {
      const list = await api.request('GET', path);
      expect(list.body).toMatchObject({ total: 8 });
      expect(api.names(list)).toEqual(expect.arrayContaining(names));
      expect(api.names(list).at(-1)).toBe('of-elsewhere');
    }
  });

  it.each(['/meshes/default/dataplanes/on-line/_overview', '/meshes/default/dataplanes+insights/on-line'])(
    '%s is that of one',
    async (path) => {
      const answer = await api.request('GET', path);
      expect(answer).toMatchObject({ status: 200, body: { type: 'DataplaneOverview', name: 'on-line' } });
      expect(shownOpen(answer.body)).toBe(true);
    },
  );

  it('of one that never connected has an empty insight, as in the reference', async () => {
    const answer = await api.request('GET', '/meshes/default/dataplanes/of-never/_overview');
    expect(answer.body).toMatchObject({ dataplaneInsight: {} });
  });

  it.each([
    ['/meshes/default/dataplanes/none/_overview', 'Could not retrieve a resource'],
    ['/meshes/none/dataplanes/none/_overview', 'Failed to retrieve Mesh'],
    ['/meshes/none/dataplanes/_overview', 'Failed to retrieve Mesh'],
    ['/meshes/none/dataplanes+insights', 'Failed to retrieve Mesh'],
  ])('%s is 404', async (path, title) => {
    expect(await api.request('GET', path)).toMatchObject({ status: 404, body: { title } });
  });

  it.each([
    ['online', ['on-gateway', 'on-line']],
    ['partially_degraded', ['on-partly']],
    ['offline', ['of-closed', 'of-dead-relay', 'of-never', 'of-unready']],
  ])('can be had by status %s', async (status, names) => {
    const list = await api.request('GET', `/meshes/default/dataplanes+insights?status=${status}`);
    expect(api.names(list)).toEqual(names);
    expect(list.body).toMatchObject({ total: names.length });
    const page = await api.request('GET', `/meshes/default/dataplanes/_overview?status=${status}&size=1`);
    expect(api.names(page)).toEqual(names.slice(0, 1));
  });

  it('of a status that there is not are refused', async () => {
    const refused = { status: 400, body: { title: 'Could not retrieve resources' } };
    expect(await api.request('GET', '/dataplanes+insights?status=Online')).toMatchObject(refused);
  });

  it('keep their insights under filters', async () => {
    const list = await api.request('GET', '/dataplanes+insights?filter[labels.team]=on&name=line');
    expect(api.names(list)).toEqual(['on-line']);
    expect(shownOpen(overviews(list).get('on-line'))).toBe(true);
  });

  it('follow the lease of the relay, with no write to any insight', async () => {
    const shown = async () =>
      shownOpen((await api.request('GET', '/meshes/default/dataplanes/on-line/_overview')).body);
    await api.leases.renew('alive', 30_000);
    expect(await shown()).toBe(true);
    api.advance(31_000);
    expect(await shown()).toBe(false);
    const list = await api.request('GET', '/meshes/default/dataplanes+insights?status=online');
    expect(api.names(list)).toEqual([]);
    await api.leases.renew('alive', 60_000);
    api.advance(1_001);
    expect(await shown()).toBe(true);
  });

  it('show at once what changed', async () => {
    const path = '/meshes/default/dataplanes/_overview';
    const before = overviews(await api.request('GET', path)).get('of-never');
    expect(before).not.toHaveProperty('dataplaneInsight');
    await connect('of-never', subscription('alive'));
    expect(shownOpen(overviews(await api.request('GET', path)).get('of-never'))).toBe(true);
    await connect('of-never', subscription('alive', '2026-01-01T00:00:09.000Z'));
    expect(shownOpen(overviews(await api.request('GET', path)).get('of-never'))).toBe(false);
    await api.request('DELETE', '/meshes/default/dataplanes/of-never');
    expect(overviews(await api.request('GET', path)).has('of-never')).toBe(false);
  });

  it('know a relay that took its lease after it was last looked at which ones live', async () => {
    await put('of-new', 'default', [ready(80)]);
    const path = '/meshes/default/dataplanes/of-new/_overview';
    const shown = async () => shownOpen((await api.request('GET', path)).body);
    await api.request('GET', '/meshes/default/dataplanes/_overview');
    await api.leases.renew('new', 60_000);
    await connect('of-new', subscription('new'));
    expect(await shown()).toBe(true);
    await connect('of-new', subscription('new', '2026-01-01T00:00:09.000Z'));
    expect(await shown()).toBe(false);
  });
});

describe('insights as resources', () => {
  it('are listed and read, of one mesh and of all', async () => {
    const insight = { type: 'DataplaneInsight', mesh: 'default', name: 'on-line' };
    expect(await api.request('GET', '/meshes/default/dataplane-insights/on-line')).toMatchObject({
      status: 200,
      body: insight,
    });
    for (const path of [
      '/meshes/default/dataplane-insights?name=on-line',
      '/dataplane-insights?name=on-line',
    ]) {
      expect(await api.request('GET', path)).toMatchObject({
        status: 200,
        body: { total: 1, items: [insight] },
      });
    }
  });

  it.each([
    ['GET', '/meshes/default/dataplane-insights/none', 404],
    ['GET', '/meshes/none/dataplane-insights', 404],
    ['GET', '/meshes/none/dataplane-insights/on-line', 404],
    ['PUT', '/meshes/default/dataplane-insights/on-line', 405],
    ['DELETE', '/meshes/default/dataplane-insights/on-line', 405],
  ])('%s %s gives %i', async (method, path, status) => {
    const body = method === 'PUT' ? {} : undefined;
    expect((await api.request(method, path, { body })).status).toBe(status);
  });

  it("are nobody else's", async () => {
    expect(await api.request('GET', '/dataplane-insights', { tenant: 'other' })).toMatchObject({
      body: { total: 0 },
    });
    const path = '/meshes/default/dataplane-insights/on-line';
    expect((await api.request('GET', path, { tenant: 'other' })).status).toBe(404);
  });
});
