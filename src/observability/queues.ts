import type { Telemetry } from '../model/telemetry.ts';
import { waitBuckets } from './buckets.ts';
import type { MetricFactory } from './metric-factory.ts';

/** Metrics of what waits in line. Lengths are asked for when they are scraped. */
export function createQueues(
  metrics: MetricFactory,
): Pick<Telemetry, 'queue' | 'waited'> & { collect(): void } {
  const lengths = metrics.gauge('kumulus_queue_length', 'How many wait in a queue now.', 'queue');
  const waits = metrics.histogram(
    'kumulus_queue_wait_seconds',
    'How long those waited that left a queue.',
    waitBuckets,
    'queue',
  );
  const queues = new Map<string, Set<() => number>>();
  return {
    queue(name, length) {
      const all = queues.get(name) ?? new Set();
      queues.set(name, all);
      all.add(length);
      return () => void all.delete(length);
    },
    waited: (name, ms) => waits.observe({ queue: name }, ms / 1000),
    /** Sets the lengths. */
    collect() {
      for (const [queue, all] of queues) {
        let sum = 0;
        for (const length of all) {
          sum += length();
        }
        lengths.set({ queue }, sum);
      }
    },
  };
}
