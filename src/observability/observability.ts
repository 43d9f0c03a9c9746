import { X509Certificate } from 'node:crypto';
import type { Clock, Logger } from '../model/ports.ts';
import type { Telemetry } from '../model/telemetry.ts';
import { loopBuckets } from './buckets.ts';
import { createCalmLogger } from './calm-logger.ts';
import { createCloudWatchReport } from './cloudwatch-report.ts';
import { createDiagnosticsServer, type DiagnosticsServer } from './diagnostics-server.ts';
import { watchEventLoop } from './event-loop.ts';
import { createHealth, type Health } from './health.ts';
import type { MetricDefinition } from './metric-factory.ts';
import { createPrometheusTelemetry } from './prometheus-telemetry.ts';

export interface ObservabilityDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The instance id of this process, as insights and leases name it. */
  readonly instance: string;
  /** See {@link createPrometheusTelemetry}. */
  readonly maxTenants?: number;
  readonly maxMeshes?: number;
  /** Where CloudWatch reads the log: gets a line with metrics once a minute. */
  readonly cloudWatch?: { readonly stage: string; readonly write: (line: string) => void };
}

/** Milliseconds between two lines with metrics; CloudWatch keeps them by the minute. */
const reportEveryMs = 60_000;

/** What a process tells of itself: metrics, health, and a log that stays readable in a storm. */
export interface Observability {
  readonly telemetry: Telemetry;
  /** The logger to give to everything else. */
  readonly logger: Logger;
  readonly health: Pick<Health, 'live' | 'ready' | 'draining'>;
  /** All metrics that there are. */
  readonly definitions: readonly MetricDefinition[];
  readonly server: DiagnosticsServer;
  /** The port for proxies is open and serves this certificate (PEM, the leaf first). */
  serving(certificate: string): void;
  /** Writes what the log still owes, and closes the port. */
  stop(): Promise<void>;
}

/** Puts together what the relay and the local server tell of themselves. */
export function createObservability(deps: ObservabilityDeps): Observability {
  const { clock } = deps;
  const prometheus = createPrometheusTelemetry(deps);
  const { metrics } = prometheus;
  const lag = metrics.histogram(
    'kumulus_event_loop_lag_seconds',
    'How late the event loop came to what was due, looked at four times a second.',
    loopBuckets,
  );
  const eventLoop = watchEventLoop({
    onLag(ms) {
      lag.observe(ms / 1000);
      report?.lagged(ms);
    },
  });
  const health = createHealth({ clock, eventLoop });
  const suppressed = metrics.counter(
    'kumulus_log_lines_suppressed_total',
    'Lines that were left out of the log because many said the same.',
    'level',
  );
  for (const level of ['warn', 'error']) {
    suppressed.inc({ level }, 0);
  }
  const logger = createCalmLogger({
    logger: deps.logger,
    clock,
    onSuppressed: (level, lines) => suppressed.inc({ level }, lines),
  });
  let expires: number | undefined;
  metrics.asked(
    'gauge',
    'kumulus_certificate_expiry_timestamp_seconds',
    'Until when the certificate of the port for proxies is valid, in seconds since 1970.',
    () => expires,
  );
  metrics.asked(
    'gauge',
    'kumulus_ready',
    '1 while /readyz says that new proxies may come, 0 otherwise.',
    () => (health.ready().ok ? 1 : 0),
  );
  metrics
    .gauge(
      'kumulus_info',
      'Always 1; says which instance this is, as insights and leases name it.',
      'instance_id',
    )
    .set({ instance_id: deps.instance }, 1);
  const { cloudWatch } = deps;
  const report =
    cloudWatch &&
    createCloudWatchReport({
      stage: cloudWatch.stage,
      clock,
      seriesOf: prometheus.seriesOf,
      refused: () => prometheus.refused,
      isReady: () => health.ready().ok,
      certificateExpires: () => expires,
    });
  const reporting = setInterval(() => {
    report?.line().then(cloudWatch?.write, (error: unknown) => logger.error('no metrics', { error }));
  }, reportEveryMs);
  reporting.unref();
  const server = createDiagnosticsServer({ health, metrics: prometheus, logger });

  return {
    telemetry: {
      ...prometheus.telemetry,
      storeCalled(call, outcome, ms) {
        prometheus.telemetry.storeCalled(call, outcome, ms);
        health.telemetry.storeCalled(call, outcome, ms);
      },
      leaseRenewed(until) {
        prometheus.telemetry.leaseRenewed(until);
        health.telemetry.leaseRenewed(until);
      },
    },
    logger,
    health,
    definitions: prometheus.definitions,
    server,
    serving(certificate) {
      const { validFrom, validTo } = new X509Certificate(certificate);
      const notAfter = Date.parse(validTo);
      expires = notAfter / 1000;
      health.serving({ notBefore: Date.parse(validFrom), notAfter });
    },
    async stop() {
      logger.stop();
      eventLoop.stop();
      clearInterval(reporting);
      await server.close();
    },
  };
}
