import type { Clock } from '../model/ports.ts';

/** Some metric's series, as far as a report needs them. */
export type SeriesOf = (
  metric: string,
) => Promise<readonly { readonly labels: Readonly<Record<string, unknown>>; readonly value: number }[]>;

export interface CloudWatchReportDeps {
  /** Becomes the dimension `Stage`. Relays have none of their own: each metric is billed for each value of a dimension. */
  readonly stage: string;
  readonly clock: Clock;
  readonly seriesOf: SeriesOf;
  /** How many responses Envoys have refused so far. */
  readonly refused: () => number;
  /** Whether new proxies may come. */
  readonly isReady: () => boolean;
  /** Until when the certificate is valid, in seconds since 1970; undefined before it is known. */
  readonly certificateExpires: () => number | undefined;
}

/** What a relay tells CloudWatch, whose alarms, dashboard and scaling are in `infra/relay.yml`. */
export interface CloudWatchReport {
  /** The event loop was late by so much. */
  lagged(ms: number): void;
  /** What happened since the last line, and what is now, as one line of the log. */
  line(): Promise<string>;
}

/** The namespace of the metrics. */
export const cloudWatchNamespace = 'Kumulus';

/** Name and unit of every metric that a relay tells CloudWatch. Each costs 30 cents a month and stage. */
export const cloudWatchMetrics = {
  /** Proxies that are connected; of all relays of a stage: the sum. */
  Streams: 'Count',
  /** Streams that ended for a mistake in the relay. */
  StreamFailures: 'Count',
  /** Responses that Envoys refused. */
  Nacks: 'Count',
  /** Calls of the table that came to no answer, after all tries. */
  StoreFailures: 'Count',
  /** How late the event loop was at the worst. */
  EventLoopLag: 'Milliseconds',
  /** How much of one core the event loop used. */
  EventLoopUse: 'Percent',
  /** 1 where no new proxies should come, 0 otherwise. */
  NotReady: 'Count',
  /** Days until the certificate of the port for proxies runs out. */
  CertificateDays: 'Count',
} as const;

const secondsPerDay = 86_400;

/**
 * Makes reports in CloudWatch's embedded metric format, so that the log, which is written anyway, is all that it takes: no agent, no calls, no
 * rights. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createCloudWatchReport(deps: CloudWatchReportDeps): CloudWatchReport {
  const { stage, clock, seriesOf } = deps;
  let longestLag = 0;
  let counted: Readonly<Record<string, number>> = {};
  let countedAt = clock();

  const total = async (metric: string, counts = (_labels: Readonly<Record<string, unknown>>) => true) =>
    (await seriesOf(metric)).reduce((sum, { labels, value }) => (counts(labels) ? sum + value : sum), 0);

  return {
    lagged(ms) {
      longestLag = Math.max(longestLag, ms);
    },
    async line() {
      const now = {
        StreamFailures: await total('kumulus_streams_ended_total', ({ reason }) => reason === 'internal'),
        Nacks: deps.refused(),
        StoreFailures: await total(
          'kumulus_store_calls_total',
          ({ outcome }) => outcome === 'unavailable' || outcome === 'internal',
        ),
        activeSeconds: await total('kumulus_event_loop_active_seconds_total'),
      };
      const streams = await total('kumulus_streams', ({ protocol }) => protocol !== 'hds');
      const timestamp = clock();
      const since = (name: keyof typeof now) => now[name] - (counted[name] ?? 0);
      const elapsedSeconds = (timestamp - countedAt) / 1_000;
      const expires = deps.certificateExpires();
      const values: Partial<Record<keyof typeof cloudWatchMetrics, number>> = {
        Streams: streams,
        StreamFailures: since('StreamFailures'),
        Nacks: since('Nacks'),
        StoreFailures: since('StoreFailures'),
        EventLoopLag: round(longestLag),
        ...(elapsedSeconds > 0 && {
          EventLoopUse: round(Math.min(100, (100 * since('activeSeconds')) / elapsedSeconds)),
        }),
        NotReady: deps.isReady() ? 0 : 1,
        ...(expires !== undefined && {
          CertificateDays: round((expires - timestamp / 1_000) / secondsPerDay),
        }),
      };
      counted = now;
      countedAt = timestamp;
      longestLag = 0;
      return JSON.stringify({ ...header(timestamp, Object.keys(values)), Stage: stage, ...values });
    },
  };
}

function header(timestamp: number, names: readonly string[]) {
  const units: Readonly<Record<string, string>> = cloudWatchMetrics;
  return {
    time: new Date(timestamp).toISOString(),
    level: 'info',
    message: 'metrics',
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: cloudWatchNamespace,
          Dimensions: [['Stage']],
          Metrics: names.map((Name) => ({ Name, Unit: units[Name] })),
        },
      ],
    },
  };
}

/** To a tenth, which is as much as anybody reads. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
