import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import type { BehindProxy, RelayProgress } from '../../src/store/propagation.ts';
import { type ApiFixture, type ApiRequest, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;
let made = 0;
let mesh: string;

beforeAll(async () => {
  api = await createApiFixture(['acme', 'other']);
});
afterAll(() => api.close());
beforeEach(async () => {
  made += 1;
  mesh = `mesh-${made}`;
  await api.request('PUT', `/meshes/${mesh}`, { body: { type: 'Mesh', name: mesh } });
  await api.leases.renew('east', 60_000);
  await api.leases.renew('west', 60_000);
});

const ask = (query = '', request: ApiRequest = {}) =>
  api.request('GET', `/meshes/${mesh}/_propagation${query}`, request);

const report = (relay: string, told: number, proxies: number, rest: Partial<RelayProgress> = {}) =>
  api.propagation.write(api.tenant, mesh, relay, { told, proxies, behind: [], named: [], ...rest });

const behind = (name: string, rest: Partial<BehindProxy> = {}): BehindProxy => ({
  name,
  has: 0,
  given: 1,
  since: api.now(),
  reason: 'not_acknowledged',
  ...rest,
});

const put = (name: string) => {
  const inbound = [{ port: 80, tags: { 'kuma.io/service': 'web' } }];
  const body = { type: 'Dataplane', mesh, name, networking: { address: '127.0.0.1', inbound } };
  return api.request('PUT', `/meshes/${mesh}/dataplanes/${name}`, { body });
};

/** What a relay writes when a stream begins, as its recorder does. */
const connect = (name: string, relay: string) =>
  api.insights.update(api.tenant, mesh, name, (current) => {
    const time = new Date(api.now()).toISOString();
    const before = (current?.subscriptions ?? []).map((one) => ({ ...one, disconnectTime: time }));
    const opened = { id: `${name}-${relay}`, controlPlaneInstanceId: relay, connectTime: time, stats: {} };
    return { subscriptions: [...before, opened] };
  });

const timeout = async (name: string) => {
  const answer = await api.request('PUT', `/meshes/${mesh}/meshtimeouts/${name}`, {
    body: {
      type: 'MeshTimeout',
      mesh,
      name,
      spec: {
        targetRef: { kind: 'Mesh' },
        to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '1s' } }],
      },
    },
  });
  return Number(answer.headers.get('kumulus-revision'));
};

/** Five seconds: a test that had to wait for them would fail, as its answer would be another. */
const long = '&wait=5';

describe('_propagation', () => {
  it('is complete where nobody is connected', async () => {
    const revision = await timeout('a');
    expect(await ask()).toMatchObject({
      status: 200,
      body: {
        mesh,
        revision,
        head: revision,
        complete: true,
        proxies: { connected: 0, have: 0, waiting: 0, failed: 0, offline: 0 },
        waitingFor: [],
        unnamed: 0,
      },
    });
  });

  it('adds up what relays have told', async () => {
    const first = await timeout('a');
    const second = await timeout('b');
    for (const name of ['web-1', 'web-2', 'off']) {
      await put(name);
    }
    await report('east', second, 1);
    await report('west', first, 1, {
      behind: [{ has: first - 1, proxies: 1, failed: 1 }],
      named: [behind('web-2', { has: first - 1, given: first, reason: 'refused', message: 'no' })],
    });
    const { body } = await ask(`?revision=${first}`);
    expect(body).toMatchObject({
      revision: first,
      head: second + 3,
      complete: false,
      proxies: { connected: 2, have: 1, waiting: 0, failed: 1, offline: 1 },
      waitingFor: [{ name: 'web-2', reason: 'refused', message: 'no', since: '2026-01-01T00:00:00.000Z' }],
    });
    // A relay that was not told of it yet may mend with it what was refused before.
    expect((await ask(`?revision=${second}`)).body).toMatchObject({
      proxies: { have: 1, waiting: 1, failed: 0 },
      waitingFor: [{ name: 'web-2', reason: 'not_given' }],
    });
    expect((await ask(`?revision=${first - 1}`)).body).toMatchObject({
      complete: true,
      proxies: { have: 2 },
    });
    expect((await ask()).body).toMatchObject({
      revision: second + 3,
      proxies: { connected: 2, have: 0, waiting: 2 },
      unnamed: 1,
    });
  });

  it('leaves out relays that are dead', async () => {
    const revision = await timeout('a');
    await report('east', revision, 2);
    await report('gone', revision - 1, 3);
    expect((await ask()).body).toMatchObject({ complete: true, proxies: { connected: 2, have: 2 } });
  });

  it('counts a proxy once that moved from a relay which cannot say so any more', async () => {
    const revision = await timeout('a');
    const names = ['web-1', 'web-2'];
    for (const name of names) {
      await put(name);
      await connect(name, 'east');
    }
    const head = revision + names.length;
    await report('east', revision, 2, { joined: api.now() - 3_600_000 });
    // Killed: it holds its lease, and nobody writes what it told anew.
    for (const name of names) {
      await connect(name, 'west');
    }
    await report('west', head, 2, { joined: api.now() });
    expect((await ask()).body).toMatchObject({
      revision: head,
      complete: true,
      proxies: { connected: 2, have: 2, waiting: 0, offline: 0 },
    });
  });

  it('knows a relay that began after it was asked which ones live', async () => {
    const revision = await timeout('a');
    await ask();
    await api.leases.renew('north', 60_000);
    await report('north', revision, 1);
    expect((await ask()).body).toMatchObject({ proxies: { connected: 1, have: 1 } });
  });

  it('names those first that failed, then those that wait for longest, and a hundred at the most', async () => {
    const revision = await timeout('a');
    const list = (prefix: string, count: number, rest: Partial<BehindProxy>) =>
      Array.from({ length: count }, (_, n) => behind(`${prefix}-${n}`, rest));
    await report('east', revision, 100, {
      behind: [{ has: 0, proxies: 100, failed: 0 }],
      named: list('old', 100, { since: api.now() - 1_000 }),
    });
    await report('west', revision, 200, {
      behind: [{ has: 0, proxies: 150, failed: 10 }],
      named: [...list('bad', 10, { reason: 'not_configured' }), ...list('new', 90, {})],
    });
    const { body } = await ask();
    expect(body).toMatchObject({
      proxies: { connected: 300, have: 50, waiting: 240, failed: 10 },
      unnamed: 150,
    });
    const names = (body as { waitingFor: { name: string }[] }).waitingFor.map(({ name }) => name.slice(0, 3));
    expect(names).toEqual([...Array<string>(10).fill('bad'), ...Array<string>(90).fill('old')]);
  });

  it('waits until all have it', async () => {
    const revision = await timeout('a');
    await report('east', revision - 1, 2);
    const waiting = ask(`?revision=${revision}${long}`);
    await report('east', revision, 2, {
      behind: [{ has: revision - 1, proxies: 1, failed: 0 }],
      named: [behind('web-1', { has: revision - 1, given: revision })],
    });
    await timeout('b');
    await report('east', revision, 2);
    expect((await waiting).body).toMatchObject({
      revision,
      head: revision + 1,
      complete: true,
      proxies: { connected: 2, have: 2 },
    });
  });

  it('waits no longer where one cannot have it', async () => {
    const revision = await timeout('a');
    await report('east', revision - 1, 2);
    const waiting = ask(`?revision=${revision}${long}`);
    await report('east', revision, 2, {
      behind: [{ has: revision - 1, proxies: 2, failed: 1 }],
      named: [behind('web-1', { reason: 'refused', message: 'duplicate address' })],
    });
    expect((await waiting).body).toMatchObject({
      complete: false,
      proxies: { have: 0, waiting: 1, failed: 1 },
      waitingFor: [{ name: 'web-1', message: 'duplicate address' }],
      unnamed: 1,
    });
  });

  it('waits no longer than it was told to', async () => {
    const revision = await timeout('a');
    await report('east', revision - 1, 1);
    expect((await ask('?wait=0.05')).body).toMatchObject({ complete: false, proxies: { waiting: 1 } });
  });

  it('ends with its mesh', async () => {
    await report('east', 0, 1);
    const waiting = ask(`?${long}`);
    await api.request('DELETE', `/meshes/${mesh}`);
    await api.propagation.remove(api.tenant, mesh, 'east');
    expect((await waiting).status).toBe(404);
  });

  it.each([
    { query: '?revision=99999', status: 400, message: /must be <= \d+, the newest revision, got 99999/ },
    { query: '?revision=x', status: 400, message: /must be a number from 0/ },
    { query: '?wait=21', status: 400, message: /must be a number from 0 to 20, got 21/ },
  ])('refuses $query', async ({ query, status, message }) => {
    const answer = await ask(query);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(message);
  });

  it('of no mesh, and of another tenant, is not there', async () => {
    await report('east', 1, 1);
    expect((await api.request('GET', '/meshes/none/_propagation')).status).toBe(404);
    expect((await ask('', { tenant: 'other' })).status).toBe(404);
    await api.request('PUT', `/meshes/${mesh}`, { tenant: 'other', body: { type: 'Mesh', name: mesh } });
    expect((await ask('', { tenant: 'other' })).body).toMatchObject({ proxies: { connected: 0 } });
    expect(await api.propagation.read(tenantId('other'), mesh)).toMatchObject({ relays: new Map() });
  });
});

describe('the revision that a write made', () => {
  it('is told for all that is written, and for nothing that was there', async () => {
    const revision = await timeout('a');
    expect((await ask()).body).toMatchObject({ head: revision });
    const path = `/meshes/${mesh}/meshtimeouts/a`;
    const { body } = await api.request('GET', path);
    const same = await api.request('PUT', path, { body });
    expect(same.headers.get('kumulus-revision')).toBeNull();
    const removed = await api.request('DELETE', path);
    expect(removed.headers.get('kumulus-revision')).toBe(String(revision + 1));
  });

  it('of a Mesh is that of its own history', async () => {
    const changed = { type: 'Mesh', name: mesh, constraints: {} };
    const answer = await api.request('PUT', `/meshes/${mesh}`, { body: changed });
    expect((await ask()).body).toMatchObject({ head: Number(answer.headers.get('kumulus-revision')) });
  });
});
