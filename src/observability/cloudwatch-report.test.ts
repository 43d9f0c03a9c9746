import { describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { cloudWatchMetrics, createCloudWatchReport } from './cloudwatch-report.ts';
import { createPrometheusTelemetry } from './prometheus-telemetry.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const cluster = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';

function world() {
  const state = { now: start, isReady: true, expires: undefined as number | undefined };
  const prometheus = createPrometheusTelemetry({ clock: () => state.now });
  const report = createCloudWatchReport({
    stage: 'dev',
    clock: () => state.now,
    seriesOf: prometheus.seriesOf,
    refused: () => prometheus.refused,
    isReady: () => state.isReady,
    certificateExpires: () => state.expires,
  });
  const next = async (): Promise<Record<string, unknown>> => {
    state.now += 60_000;
    return JSON.parse(await report.line());
  };
  return { state, report, next, ...prometheus };
}

describe('a report', () => {
  it('is a line in the embedded metric format: every metric that it names is in it, with its unit', async () => {
    const { state, next } = world();
    state.expires = start / 1_000 + 60 + 7.25 * 86_400;
    const line = await next();
    expect(line).toMatchObject({
      time: '2026-01-01T00:01:00.000Z',
      level: 'info',
      Stage: 'dev',
      CertificateDays: 7.3,
      _aws: {
        Timestamp: start + 60_000,
        CloudWatchMetrics: [{ Namespace: 'Kumulus', Dimensions: [['Stage']] }],
      },
    });
    const [{ Metrics }] = Object(line._aws).CloudWatchMetrics;
    const wanted = Object.entries(cloudWatchMetrics).map(([Name, Unit]) => ({ Name, Unit }));
    expect(Metrics).toEqual(expect.arrayContaining(wanted));
    expect(Metrics).toHaveLength(wanted.length);
    for (const { Name } of Metrics) {
      expect(line[Name]).toEqual(expect.any(Number));
    }
  });

  it('does not name what is not known yet', async () => {
    const line = await world().next();
    expect(line).not.toHaveProperty('CertificateDays');
    expect(JSON.stringify(line._aws)).not.toContain('CertificateDays');
  });

  it('counts proxies, by the streams of their configuration', async () => {
    const { telemetry, next } = world();
    telemetry.streamOpened('delta');
    telemetry.streamOpened('delta');
    telemetry.streamOpened('sotw');
    telemetry.streamOpened('hds');
    telemetry.streamEnded('delta', 'by_proxy', 5_000);
    expect(await next()).toMatchObject({ Streams: 2, StreamFailures: 0 });
  });

  it('tells what failed since the line before, whoever asks for metrics meanwhile', async () => {
    const { telemetry, scrape, next } = world();
    const proxy = telemetry.proxyConnected(tenantId('acme'), 'default', 'delta');
    proxy.rejected(cluster);
    telemetry.streamOpened('delta');
    telemetry.streamEnded('delta', 'internal', 5);
    telemetry.storeCalled('query', 'unavailable', 3_000);
    telemetry.storeCalled('query', 'condition_failed', 3);
    await scrape();
    expect(await next()).toMatchObject({ Nacks: 1, StreamFailures: 1, StoreFailures: 1 });
    expect(await next()).toMatchObject({ Nacks: 0, StreamFailures: 0, StoreFailures: 0 });
    proxy.rejected(cluster);
    proxy.rejected(cluster);
    telemetry.storeCalled('get', 'internal', 3);
    expect(await next()).toMatchObject({ Nacks: 2, StreamFailures: 0, StoreFailures: 1 });
  });

  it('tells how late the event loop was at the worst, since the line before', async () => {
    const { report, next } = world();
    report.lagged(3);
    report.lagged(812.34);
    report.lagged(40);
    expect(await next()).toMatchObject({ EventLoopLag: 812.3 });
    expect(await next()).toMatchObject({ EventLoopLag: 0 });
  });

  it('tells whether new proxies may come', async () => {
    const { state, next } = world();
    expect(await next()).toMatchObject({ NotReady: 0 });
    state.isReady = false;
    expect(await next()).toMatchObject({ NotReady: 1 });
  });

  it('tells how much of its core the event loop used', async () => {
    let now = start;
    const values = [120, 150, 160];
    const report = createCloudWatchReport({
      stage: 'dev',
      clock: () => {
        now += 30_000;
        return now;
      },
      seriesOf: async (metric) =>
        metric === 'kumulus_event_loop_active_seconds_total'
          ? [{ labels: {}, value: values.shift() ?? 0 }]
          : [],
      refused: () => 0,
      isReady: () => true,
      certificateExpires: () => undefined,
    });
    const used = async () => Object(JSON.parse(await report.line())).EventLoopUse;
    // What was before the process began to report counts as this minute's, and is never more than all of it.
    expect([await used(), await used(), await used()]).toEqual([100, 100, 33.3]);
  });
});
