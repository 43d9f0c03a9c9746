import { propagationBuckets } from './buckets.ts';
import type { MetricFactory } from './metric-factory.ts';

/** What happened to responses of one type. */
interface TypeCounts {
  pushes: number;
  bytes: number;
  acks: number;
  nacks: number;
  /** Somebody has seen the series. */
  isShown: boolean;
}

/**
 * Makes the metrics that tell tenants apart. `tenant` is a label that {@link createTenantLabels} gave. Responses are
 * counted plainly and handed over when they are asked for: there are tens of thousands of them in a storm, and a label
 * that is looked up for each costs more than to count.
 */
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
  const counts = new Map<string, Map<string, TypeCounts>>();

  return {
    /** Gives the counts of a tenant's responses by type, which are those of all its proxies. */
    countsOf(tenant: string): (typeUrl: string) => TypeCounts {
      const types = counts.get(tenant) ?? new Map<string, TypeCounts>();
      counts.set(tenant, types);
      return (typeUrl) => {
        let type = types.get(typeUrl);
        if (type === undefined) {
          type = { pushes: 0, bytes: 0, acks: 0, nacks: 0, isShown: false };
          types.set(typeUrl, type);
        }
        return type;
      };
    },
    completed(tenant: string, msFromCommit: number): void {
      // The clocks of two machines may differ by a few milliseconds.
      propagation.observe({ tenant }, Math.max(0, msFromCommit) / 1000);
    },
    compiled(tenant: string, count: number, ms: number): void {
      snapshots.inc({ tenant }, count);
      compileTime.inc({ tenant }, ms / 1000);
    },
    /** Hands over what was counted. */
    collect(): void {
      for (const metric of [pushes, bytes, acks, nacks]) {
        metric.reset();
      }
      for (const [tenant, types] of counts) {
        for (const [type_url, type] of types) {
          const labels = { tenant, type_url };
          pushes.inc(labels, type.pushes);
          bytes.inc(labels, type.bytes);
          acks.inc(labels, type.acks);
          // Of a series that begins with its first event Prometheus sees no increase, and no alert would tell of it. So
          // this one begins with 0, and what was refused before its first scrape is told with the second.
          nacks.inc(labels, type.isShown ? type.nacks : 0);
          type.isShown = true;
        }
      }
    },
    /** Removes the series of a tenant. */
    remove(tenant: string): void {
      counts.delete(tenant);
      for (const metric of [propagation, snapshots, compileTime]) {
        metric.remove({ tenant });
      }
    },
  };
}
