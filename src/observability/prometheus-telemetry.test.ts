import { describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { readExposition, valueIn } from './exposition.fixture.ts';
import { createPrometheusTelemetry } from './prometheus-telemetry.ts';

const listener = 'type.googleapis.com/envoy.config.listener.v3.Listener';
const cluster = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const acme = tenantId('acme');
const other = tenantId('other');

function world(bounds: { readonly maxTenants?: number; readonly maxMeshes?: number } = {}) {
  const time = { now: Date.parse('2026-01-01T00:00:00Z') };
  const prometheus = createPrometheusTelemetry({ clock: () => time.now, ...bounds });
  const scrape = async () => readExposition(await prometheus.scrape());
  return { ...prometheus, time, scrape };
}

describe('what happens to proxies', () => {
  it('is counted by tenant and type', async () => {
    const { telemetry, scrape } = world();
    const proxy = telemetry.proxyConnected(acme, 'default', 'delta');
    proxy.pushed(listener, 100);
    proxy.pushed(listener, 50);
    proxy.pushed(cluster, 7);
    proxy.acknowledged(listener);
    await scrape();
    proxy.rejected(cluster);
    proxy.completed(80);
    proxy.completed(-3);
    const values = await scrape();
    expect(valueIn(values, 'kumulus_pushes_total', { tenant: 'acme', type_url: listener })).toBe(2);
    expect(valueIn(values, 'kumulus_push_bytes_total', { tenant: 'acme' })).toBe(157);
    expect(valueIn(values, 'kumulus_acks_total', { type_url: listener })).toBe(1);
    expect(valueIn(values, 'kumulus_nacks_total', { type_url: cluster })).toBe(1);
    expect(valueIn(values, 'kumulus_nacks_total', { type_url: listener })).toBe(0);
    expect(valueIn(values, 'kumulus_propagation_seconds_bucket', { tenant: 'acme', le: '0.05' })).toBe(1);
    expect(valueIn(values, 'kumulus_propagation_seconds_bucket', { tenant: 'acme', le: '0.1' })).toBe(2);
    expect(valueIn(values, 'kumulus_propagation_seconds_sum')).toBeCloseTo(0.08);
  });

  it('tells what was refused before the first scrape as an increase, for that is what alerts look at', async () => {
    const { telemetry, scrape } = world();
    const proxy = telemetry.proxyConnected(acme, 'default', 'delta');
    proxy.pushed(cluster, 7);
    proxy.rejected(cluster);
    const refused = async () => valueIn(await scrape(), 'kumulus_nacks_total', { type_url: cluster });
    expect([await refused(), await refused(), await refused()]).toEqual([0, 1, 1]);
    proxy.rejected(cluster);
    expect(await refused()).toBe(2);
  });

  it('counts the connected ones of each mesh, and nothing of a mesh without any', async () => {
    const { telemetry, scrape } = world();
    const first = telemetry.proxyConnected(acme, 'default', 'delta');
    const second = telemetry.proxyConnected(acme, 'default', 'delta');
    const third = telemetry.proxyConnected(acme, 'default', 'sotw');
    const fourth = telemetry.proxyConnected(other, 'a"b\\c\nd', 'delta');
    const before = await scrape();
    expect(valueIn(before, 'kumulus_proxies', { tenant: 'acme', mesh: 'default', protocol: 'delta' })).toBe(
      2,
    );
    expect(valueIn(before, 'kumulus_proxies', { tenant: 'acme', protocol: 'sotw' })).toBe(1);
    expect(valueIn(before, 'kumulus_proxies', { tenant: 'other', mesh: 'a"b\\c\nd' })).toBe(1);
    for (const proxy of [first, second, third, fourth, fourth]) {
      proxy.disconnected();
    }
    expect((await scrape()).get('kumulus_proxies')?.samples).toEqual([]);
  });
});

describe('bounds', () => {
  it('tells so many tenants apart, and removes the series of those that are gone', async () => {
    const { telemetry, scrape, time } = world({ maxTenants: 2 });
    const proxies = ['a', 'b', 'c', 'd'].map((name) => {
      const proxy = telemetry.proxyConnected(tenantId(name), 'default', 'delta');
      proxy.pushed(listener, 10);
      proxy.acknowledged(listener);
      proxy.completed(5);
      telemetry.compiled(tenantId(name), 'default', 3, 4);
      return proxy;
    });
    const tenantsOf = (values: Awaited<ReturnType<typeof scrape>>, name: string) => [
      ...new Set(values.get(name)?.samples.map(({ labels }) => labels.tenant)),
    ];
    const before = await scrape();
    for (const name of [
      'kumulus_pushes_total',
      'kumulus_propagation_seconds',
      'kumulus_compiled_proxies_total',
    ]) {
      expect(tenantsOf(before, name)).toEqual(['a', 'b', ':other']);
    }
    expect(valueIn(before, 'kumulus_pushes_total', { tenant: ':other' })).toBe(2);
    expect(valueIn(before, 'kumulus_proxies', { tenant: 'd' })).toBe(1);

    proxies[0]?.disconnected();
    proxies[2]?.disconnected();
    time.now += 600_001;
    const after = await scrape();
    for (const name of [
      'kumulus_pushes_total',
      'kumulus_push_bytes_total',
      'kumulus_acks_total',
      'kumulus_propagation_seconds',
      'kumulus_compiled_proxies_total',
      'kumulus_compile_seconds_total',
    ]) {
      expect(tenantsOf(after, name)).toEqual(['b', ':other']);
    }
  });

  it('tells the largest meshes apart, and adds the others up', async () => {
    const { telemetry, scrape } = world({ maxMeshes: 2 });
    for (let mesh = 1; mesh <= 5; mesh += 1) {
      for (let proxy = 0; proxy < mesh; proxy += 1) {
        telemetry.proxyConnected(acme, `m${mesh}`, mesh === 1 ? 'sotw' : 'delta');
      }
    }
    expect(
      (await scrape()).get('kumulus_proxies')?.samples.map(({ labels, value }) => [labels, value]),
    ).toEqual([
      [{ tenant: 'acme', mesh: 'm5', protocol: 'delta' }, 5],
      [{ tenant: 'acme', mesh: 'm4', protocol: 'delta' }, 4],
      [{ tenant: ':other', mesh: ':other', protocol: 'delta' }, 5],
      [{ tenant: ':other', mesh: ':other', protocol: 'sotw' }, 1],
    ]);
  });

  it('makes no series for revisions, names of proxies or peers', () => {
    const labels = new Set(world().definitions.flatMap((definition) => definition.labels));
    expect([...labels].sort()).toEqual([
      'call',
      'door',
      'job_name',
      'mesh',
      'outcome',
      'protocol',
      'queue',
      'reason',
      'status',
      'tenant',
      'type_url',
    ]);
  });
});

describe('everything else', () => {
  it('is counted where it belongs', async () => {
    const { telemetry, scrape } = world();
    telemetry.streamOpened('delta');
    telemetry.streamOpened('hds');
    telemetry.streamEnded('delta', 'unauthenticated', 1_500);
    telemetry.bootstrapAnswered(200, 3);
    telemetry.admitted('streams', 20);
    telemetry.turnedAway('bootstraps', 4);
    telemetry.registered(25, 8, 'ok');
    telemetry.registered(1, 9, 'unavailable');
    telemetry.meshLoaded(acme, 'default', 30);
    telemetry.changeSeen(acme, 'default', 12);
    telemetry.hintMissed();
    telemetry.compiled(acme, 'default', 40, 6);
    telemetry.storeCalled('get', 'ok', 2);
    telemetry.storeCalled('transact', 'condition_failed', 2);
    telemetry.storeRetried('throttled');
    telemetry.leaseRenewed(undefined);
    telemetry.leaseRenewed(Date.parse('2026-01-01T00:00:15Z'));
    telemetry.jobEnded('fold', 'ok', 900);
    telemetry.waited('compile', 15);
    const length = { now: 3 };
    const forget = telemetry.queue('compile', () => length.now);
    telemetry.queue('compile', () => 4);
    const values = await scrape();
    const want: [string, Record<string, string>, number][] = [
      ['kumulus_streams', { protocol: 'delta' }, 0],
      ['kumulus_streams', { protocol: 'hds' }, 1],
      ['kumulus_streams_ended_total', { protocol: 'delta', reason: 'unauthenticated' }, 1],
      ['kumulus_stream_duration_seconds_sum', { protocol: 'delta' }, 1.5],
      ['kumulus_bootstrap_duration_seconds_count', { status: '200' }, 1],
      ['kumulus_admission_wait_seconds_sum', { door: 'streams' }, 0.02],
      ['kumulus_admission_turned_away_total', { door: 'bootstraps' }, 1],
      ['kumulus_registered_dataplanes_total', { outcome: 'ok' }, 25],
      ['kumulus_registered_dataplanes_total', { outcome: 'unavailable' }, 1],
      ['kumulus_registration_duration_seconds_count', {}, 2],
      ['kumulus_mesh_load_seconds_sum', {}, 0.03],
      ['kumulus_change_seen_seconds_sum', {}, 0.012],
      ['kumulus_hints_missed_total', {}, 1],
      ['kumulus_compile_duration_seconds_sum', {}, 0.006],
      ['kumulus_compiled_proxies_total', { tenant: ':other' }, 40],
      ['kumulus_store_calls_total', { call: 'transact', outcome: 'condition_failed' }, 1],
      ['kumulus_store_call_duration_seconds_count', { call: 'get' }, 1],
      ['kumulus_store_retries_total', { reason: 'throttled' }, 1],
      ['kumulus_lease_renewals_total', { outcome: 'failed' }, 1],
      ['kumulus_lease_renewals_total', { outcome: 'ok' }, 1],
      ['kumulus_lease_expiry_timestamp_seconds', {}, 1_767_225_615],
      ['kumulus_job_duration_seconds_sum', { job_name: 'fold', outcome: 'ok' }, 0.9],
      ['kumulus_queue_wait_seconds_count', { queue: 'compile' }, 1],
      ['kumulus_queue_length', { queue: 'compile' }, 7],
    ];
    expect(want.map(([name, labels]) => [name, labels, valueIn(values, name, labels)])).toEqual(want);
    expect(valueIn(values, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(valueIn(values, 'kumulus_memory_limit_bytes')).toBeGreaterThan(10_000_000);
    expect(valueIn(values, 'process_cpu_seconds_total')).toBeGreaterThan(0);
    forget();
    length.now = 100;
    expect(valueIn(await scrape(), 'kumulus_queue_length', { queue: 'compile' })).toBe(4);
  });

  it('has a help text and a well-formed name for each metric, counters ending in _total', () => {
    for (const { name, type, help } of world().definitions) {
      expect(name).toMatch(/^(kumulus|process|nodejs)_[a-z_]+$/);
      expect(help).toMatch(/^[A-Z1].*\.$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
    }
  });
});
