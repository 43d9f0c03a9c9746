import { totalmem } from 'node:os';
import type { MetricFactory } from './metric-factory.ts';

/** What the process may use, in bytes: the bound of its container, or the machine's memory. */
export function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

/** Metrics of the process, under the names that Prometheus' client libraries agree on where there are such. */
export function addProcessMetrics(metrics: MetricFactory): void {
  const startSeconds = Math.round(Date.now() / 1000 - process.uptime());
  metrics.asked('counter', 'process_cpu_seconds_total', 'CPU time of the process, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.asked('gauge', 'process_resident_memory_bytes', 'Resident memory of the process.', () =>
    process.memoryUsage.rss(),
  );
  metrics.asked(
    'gauge',
    'process_start_time_seconds',
    'When the process started, in seconds since 1970.',
    () => startSeconds,
  );
  metrics.asked(
    'gauge',
    'nodejs_heap_size_used_bytes',
    'What lives in V8 heap and what it has not collected yet.',
    () => process.memoryUsage().heapUsed,
  );
  metrics.asked(
    'gauge',
    'kumulus_memory_limit_bytes',
    'What the process may use: the bound of its container, or the memory of the machine.',
    memoryLimit,
  );
  metrics.asked(
    'counter',
    'kumulus_event_loop_active_seconds_total',
    'Time in which the event loop was not waiting; its rate is how much of one core it uses.',
    () => performance.eventLoopUtilization().active / 1000,
  );
}
