import { Registry } from 'prom-client';
import type { Clock } from '../model/ports.ts';
import type { ProxyTelemetry, Telemetry } from '../model/telemetry.ts';
import type { SeriesOf } from './cloudwatch-report.ts';
import { createConnectedProxies } from './connected-proxies.ts';
import { createMetricFactory, type MetricDefinition, type MetricFactory } from './metric-factory.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { createQueues } from './queues.ts';
import { addRelayMetrics } from './relay-metrics.ts';
import { createTenantLabels } from './tenant-labels.ts';
import { createTenantMetrics } from './tenant-metrics.ts';

export interface PrometheusTelemetryOptions {
  readonly clock: Clock;
  /** How many tenants have series of their own at the same time; 100 unless told. The others are counted together. */
  readonly maxTenants?: number;
  /** How many meshes `kumulus_proxies` tells apart, the largest; 500 unless told. */
  readonly maxMeshes?: number;
}

/** What was told, as Prometheus reads it. */
export interface PrometheusTelemetry {
  readonly telemetry: Telemetry;
  /** For metrics that are no events. */
  readonly metrics: MetricFactory;
  readonly definitions: readonly MetricDefinition[];
  readonly contentType: string;
  /** All values now, in Prometheus' text format. */
  scrape(): Promise<string>;
  /** What the series say now of a counter or gauge that is not counted by tenant; none where there is no such metric. */
  readonly seriesOf: SeriesOf;
  /** How many responses were refused (NACK) so far, of all tenants that there ever were. */
  readonly refused: number;
}

/** How long a tenant without proxies keeps its series, in milliseconds: longer than any usual interval of scrapes. */
const keepTenantMs = 600_000;

/** Counts what it is told. No series is made for a name that a caller chose, except for tenants and meshes within bounds. */
export function createPrometheusTelemetry(options: PrometheusTelemetryOptions): PrometheusTelemetry {
  const registry = new Registry();
  const metrics = createMetricFactory(registry);
  const perTenant = createTenantMetrics(metrics);
  const tenants = createTenantLabels({
    limit: options.maxTenants ?? 100,
    keepMs: keepTenantMs,
    clock: options.clock,
    onRemoved: perTenant.remove,
  });
  const connected = createConnectedProxies();
  const maxMeshes = options.maxMeshes ?? 500;
  const proxies = metrics.gauge(
    'kumulus_proxies',
    'Connected proxies of the largest meshes; of the other meshes together under :other.',
    'tenant',
    'mesh',
    'protocol',
  );
  const relay = addRelayMetrics(metrics);
  const queues = createQueues(metrics);
  addProcessMetrics(metrics);

  let refused = 0;
  const telemetry: Telemetry = {
    ...relay,
    queue: queues.queue,
    waited: queues.waited,
    proxyConnected(tenant, mesh, protocol): ProxyTelemetry {
      const label = tenants.enter(tenant);
      connected.add(tenant, mesh, protocol, 1);
      const countsOf = perTenant.countsOf(label);
      let isConnected = true;
      return {
        pushed(typeUrl, bytes) {
          const counts = countsOf(typeUrl);
          counts.pushes += 1;
          counts.bytes += bytes;
        },
        acknowledged(typeUrl) {
          countsOf(typeUrl).acks += 1;
        },
        completed: (msFromCommit) => perTenant.completed(label, msFromCommit),
        rejected(typeUrl) {
          countsOf(typeUrl).nacks += 1;
          refused += 1;
        },
        disconnected() {
          if (isConnected) {
            isConnected = false;
            tenants.leave(label);
            connected.add(tenant, mesh, protocol, -1);
          }
        },
      };
    },
    compiled(tenant, _mesh, count, ms) {
      relay.compiled(ms);
      perTenant.compiled(tenants.labelOf(tenant), count, ms);
    },
  };

  return {
    telemetry,
    metrics,
    definitions: metrics.definitions,
    contentType: registry.contentType,
    get refused() {
      return refused;
    },
    async seriesOf(metric) {
      return (await registry.getSingleMetric(metric)?.get())?.values ?? [];
    },
    scrape() {
      tenants.sweep();
      perTenant.collect();
      queues.collect();
      proxies.reset();
      for (const { tenant, mesh, protocol, count } of connected.largest(maxMeshes)) {
        proxies.inc({ tenant, mesh, protocol }, count);
      }
      return registry.metrics();
    },
  };
}
