import { propagationBuckets } from './buckets.ts';
import type { MetricFactory } from './metric-factory.ts';

/** Makes the metrics that tell tenants apart. `tenant` is a label that {@link createTenantLabels} gave. */
export function createTenantMetrics(metrics: MetricFactory) {
  const pushes = metrics.counter(
    'kumulus_pushes_total',
    'Responses that were handed to connections of proxies.',
    'tenant',
    'type_url',
  );
  const bytes = metrics.counter(
    'kumulus_push_bytes_total',
    'Bytes of these responses, before TLS.',
    'tenant',
    'type_url',
  );
  const acks = metrics.counter(
    'kumulus_acks_total',
    'Responses that proxies took (ACK).',
    'tenant',
    'type_url',
  );
  const nacks = metrics.counter(
    'kumulus_nacks_total',
    'Responses that proxies refused (NACK).',
    'tenant',
    'type_url',
  );
  const propagation = metrics.histogram(
    'kumulus_propagation_seconds',
    'From the commit of a change until a proxy has taken (ACK) all that it means for it, for each proxy.',
    propagationBuckets,
    'tenant',
  );
  const snapshots = metrics.counter(
    'kumulus_compiled_proxies_total',
    'Snapshots of proxies that were looked at and brought up to date.',
    'tenant',
  );
  const compileTime = metrics.counter(
    'kumulus_compile_seconds_total',
    'Time of the event loop that this took.',
    'tenant',
  );
  /** The types that each tenant has series of. */
  const begun = new Map<string, Set<string>>();

  /** A series begins with 0: of one that begins with its first event, Prometheus sees no increase. */
  const begin = (tenant: string, typeUrl: string) => {
    const types = begun.get(tenant) ?? new Set();
    begun.set(tenant, types);
    if (!types.has(typeUrl)) {
      types.add(typeUrl);
      acks.inc({ tenant, type_url: typeUrl }, 0);
      nacks.inc({ tenant, type_url: typeUrl }, 0);
    }
  };

  return {
    pushed(tenant: string, typeUrl: string, size: number): void {
      begin(tenant, typeUrl);
      const labels = { tenant, type_url: typeUrl };
      pushes.inc(labels);
      bytes.inc(labels, size);
    },
    acknowledged(tenant: string, typeUrl: string): void {
      acks.inc({ tenant, type_url: typeUrl });
    },
    completed(tenant: string, msFromCommit: number): void {
      // The clocks of two machines may differ by a few milliseconds.
      propagation.observe({ tenant }, Math.max(0, msFromCommit) / 1000);
    },
    rejected(tenant: string, typeUrl: string): void {
      nacks.inc({ tenant, type_url: typeUrl });
    },
    compiled(tenant: string, count: number, ms: number): void {
      snapshots.inc({ tenant }, count);
      compileTime.inc({ tenant }, ms / 1000);
    },
    /** Removes the series of a tenant. */
    remove(tenant: string): void {
      for (const type_url of begun.get(tenant) ?? []) {
        for (const metric of [pushes, bytes, acks, nacks]) {
          metric.remove({ tenant, type_url });
        }
      }
      begun.delete(tenant);
      for (const metric of [propagation, snapshots, compileTime]) {
        metric.remove({ tenant });
      }
    },
  };
}
