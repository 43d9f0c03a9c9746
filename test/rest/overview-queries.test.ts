import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StatsName, type Subscription, zoneProxyInsightName } from '../../src/store/insights.ts';
import { type ApiAnswer, type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;

interface Proxy {
  readonly name: string;
  readonly kumaDp?: string;
  readonly envoy?: string;
  /** Seconds after the beginning at which it was last heard of; it never connected where absent. */
  readonly seen?: number;
  readonly closed?: boolean;
  readonly refused?: readonly StatsName[];
}

const time = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();

const proxies: readonly Proxy[] = [
  { name: 'a', kumaDp: '2.13.10', envoy: '1.36.4', seen: 30 },
  { name: 'b', kumaDp: '2.12.0', envoy: '1.36.10', seen: 50, refused: ['lds', 'rds'] },
  { name: 'c', kumaDp: '2.13.1', envoy: '1.35.0', seen: 10, closed: true, refused: ['cds'] },
  { name: 'd' },
  { name: 'e', envoy: '1.36.4', seen: 50 },
];

function subscription({ kumaDp, envoy, seen = 0, closed = false, refused }: Proxy): Subscription {
  return {
    id: 's',
    controlPlaneInstanceId: 'alive',
    connectTime: time(1),
    lastUpdateTime: time(seen),
    ...(closed && { disconnectTime: time(seen) }),
    stats: {},
    version: {
      ...(kumaDp !== undefined && { kumaDp: { version: kumaDp } }),
      ...(envoy !== undefined && { envoy: { version: envoy } }),
    },
    ...(refused !== undefined && { refused }),
  };
}

const list = (query: string, path = '/meshes/default/dataplanes/_overview') =>
  api.request('GET', `${path}${query}`);
const items = (answer: ApiAnswer): readonly unknown[] => Object(answer.body).items;

beforeAll(async () => {
  api = await createApiFixture(['default']);
  await api.leases.renew('alive', 600_000);
  for (const proxy of proxies) {
    const { name } = proxy;
    const networking = {
      address: '10.0.0.1',
      inbound: [
        { port: 80, tags: { 'kuma.io/service': `svc-${name}` } },
        { port: 81, tags: { 'kuma.io/service': 'all' } },
      ],
    };
    const body = { type: 'Dataplane', mesh: 'default', name, networking };
    expect(await api.request('PUT', `/meshes/default/dataplanes/${name}`, { body })).toMatchObject({
      status: 201,
    });
    if (proxy.seen !== undefined) {
      const subscriptions = [subscription(proxy)];
      await api.insights.update(api.tenant, 'default', name, () => ({ subscriptions }));
    }
  }
});

afterAll(() => api.close());

describe('overviews of Dataplanes', () => {
  it.each([
    ['', 'a b c d e'],
    ['?status=online', 'a b e'],
    ['?status=offline', 'c d'],
    ['?version=2.13.1', 'c'],
    ['?version=2.13.10', 'a'],
    ['?version=2.13', 'a c'],
    ['?version=1.36.4', 'a e'],
    ['?version=1.3', ''],
    ['?version=9', ''],
    ['?refused=true', 'b c'],
    ['?refused=false', 'a d e'],
    ['?refused=true&status=online', 'b'],
    ['?version=1.36&name=e', 'e'],
    ['?tag=kuma.io/service:svc-b&refused=true', 'b'],
    ['?sort=name', 'a b c d e'],
    ['?sort=-name', 'e d c b a'],
    ['?sort=lastSeen', 'd c a b e'],
    ['?sort=-lastSeen', 'b e a c d'],
    ['?sort=status', 'a b e c d'],
    ['?sort=-status', 'c d a b e'],
    ['?sort=kumaDp', 'd e b c a'],
    ['?sort=-envoy', 'a e b c d'],
    ['?sort=creationTime', 'a b c d e'],
    ['?status=online&sort=-name', 'e b a'],
    ['?sort=-lastSeen&size=2&offset=1', 'e a'],
    ['?status=&version=&refused=&sort=&fields=', 'a b c d e'],
  ])('%s are %j', async (query, names) => {
    expect(api.names(await list(query)).join(' ')).toBe(names);
  });

  it('have the whole number and a next page that keeps the order and the filters', async () => {
    const { body } = await list('?status=online&sort=-name&size=2');
    expect(body).toMatchObject({
      total: 3,
      next: 'http://localhost:5681/meshes/default/dataplanes/_overview?offset=2&size=2&sort=-name&status=online',
    });
  });

  it.each([
    ['status', 'Online', 'must be one of online, offline, partially_degraded, got Online'],
    ['refused', 'yes', 'must be one of true, false, got yes'],
    ['fields', 'all', 'must be one of summary, got all'],
    [
      'sort',
      '__proto__',
      'must be one of name, -name, status, -status, lastSeen, -lastSeen, creationTime, -creationTime, kumaDp, -kumaDp, envoy, -envoy, got __proto__',
    ],
  ])('%s=%s is refused', async (name, value, reason) => {
    const field = `/meshes/{mesh}/dataplanes/_overview.${name}`;
    expect(await list(`?${name}=${value}`)).toMatchObject({
      status: 400,
      body: { title: 'Could not retrieve resources', invalid_parameters: [{ field, reason }] },
    });
  });

  it('in short tell what a long list needs', async () => {
    const common = { type: 'DataplaneOverview', mesh: 'default' };
    expect(items(await list('?fields=summary&name=c'))).toEqual([
      {
        ...common,
        name: 'c',
        status: 'offline',
        services: ['all', 'svc-c'],
        kumaDp: '2.13.1',
        envoy: '1.35.0',
        lastSeen: time(10),
        refused: ['cds'],
      },
    ]);
    expect(items(await list('?fields=summary&name=d'))).toEqual([
      { ...common, name: 'd', status: 'offline', services: ['all', 'svc-d'] },
    ]);
  });

  it('in short are small', async () => {
    const [short, long] = await Promise.all([list('?fields=summary'), list('')]);
    expect(short.text.length).toBeLessThan(long.text.length / 2);
  });

  it('of all meshes come in one order', async () => {
    await api.request('PUT', '/meshes/second', { body: { type: 'Mesh', name: 'second' } });
    const networking = {
      address: '10.0.0.1',
      inbound: [{ port: 80, tags: { 'kuma.io/service': 'x' } }],
    };
    const body = { type: 'Dataplane', mesh: 'second', name: 'bb', networking };
    await api.request('PUT', '/meshes/second/dataplanes/bb', { body });
    for (const path of ['/dataplanes/_overview', '/dataplanes+insights']) {
      expect(api.names(await list('?sort=name', path)).join(' ')).toBe('a b bb c d e');
    }
    expect(await api.request('DELETE', '/meshes/second/dataplanes/bb')).toMatchObject({ status: 200 });
  });
});

describe('overviews of what is beside the meshes', () => {
  const kinds = [
    ['zoneingresses', 'ZoneIngress', 'zoneIngress', 'zoneingresses+insights', 'zone-ingress-insights'],
    ['zoneegresses', 'ZoneEgress', 'zoneEgress', 'zoneegressoverviews', 'zoneegressinsights'],
  ] as const;

  it.each(kinds)('%s', async (path, type, member, older, insights) => {
    const networking = { address: '10.0.0.1', port: 10001 };
    for (const name of ['one', 'two']) {
      const body = { type, name, networking };
      expect(await api.request('PUT', `/${path}/${name}`, { body })).toMatchObject({ status: 201 });
    }
    await api.insights.update(api.tenant, '', zoneProxyInsightName(type, 'two'), () => ({
      subscriptions: [subscription({ name: 'two', seen: 7, kumaDp: '2.13.10' })],
    }));
    for (const lists of [`/${path}/_overview`, `/${older}`]) {
      const [one, two] = items(await list('', lists));
      expect(one).toEqual({
        type: `${type}Overview`,
        name: 'one',
        creationTime: expect.any(String),
        modificationTime: expect.any(String),
        labels: expect.any(Object),
        [member]: { networking },
      });
      expect(two).toMatchObject({ [`${member}Insight`]: { subscriptions: [{ id: 's' }] } });
    }
    expect(api.names(await list('?status=online', `/${path}/_overview`))).toEqual(['two']);
    expect(items(await list('?fields=summary&sort=-lastSeen', `/${older}`))).toEqual([
      { type: `${type}Overview`, name: 'two', status: 'online', kumaDp: '2.13.10', lastSeen: time(7) },
      { type: `${type}Overview`, name: 'one', status: 'offline' },
    ]);
    for (const single of [`/${path}/one/_overview`, `/${older}/one`]) {
      const answer = await api.request('GET', single);
      expect(answer).toMatchObject({ status: 200, body: { name: 'one', [`${member}Insight`]: {} } });
    }
    expect(await api.request('GET', `/${path}/none/_overview`)).toMatchObject({
      status: 404,
      body: { title: 'Could not retrieve a resource' },
    });
    expect(api.names(await api.request('GET', `/${insights}`))).toEqual(['two']);
    expect(await api.request('GET', `/${insights}/two`)).toMatchObject({
      status: 200,
      body: { type: `${type}Insight`, name: 'two', subscriptions: [{ id: 's' }] },
    });
    expect((await api.request('GET', `/${insights}/one`)).status).toBe(404);
  });

  it('zones, to which nothing is connected', async () => {
    for (const path of ['/zones/_overview', '/zones+insights']) {
      expect(items(await api.request('GET', path))).toMatchObject([{ type: 'ZoneOverview', zone: {} }]);
    }
    for (const path of ['/zones/default/_overview', '/zones+insights/default']) {
      expect(await api.request('GET', path)).toMatchObject({ status: 200, body: { zoneInsight: {} } });
    }
    expect((await api.request('GET', '/zone-insights/default')).status).toBe(404);
  });
});
