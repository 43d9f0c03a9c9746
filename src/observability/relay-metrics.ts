import type { Door, StreamProtocol, Telemetry } from '../model/telemetry.ts';
import {
  callBuckets,
  jobBuckets,
  loopBuckets,
  propagationBuckets,
  streamBuckets,
  waitBuckets,
} from './buckets.ts';
import type { MetricFactory } from './metric-factory.ts';

/** What of {@link Telemetry} is counted for the whole process. */
export type RelayTelemetry = Omit<Telemetry, 'proxyConnected' | 'compiled' | 'queue' | 'waited'> & {
  compiled(ms: number): void;
};

/**
 * Makes the metrics of what happens to streams, doors, meshes, the store, the lease and jobs. What alerts look
 * for begins with 0: of a series that begins with its first event, Prometheus sees no increase.
 */
export function addRelayMetrics(metrics: MetricFactory): RelayTelemetry {
  return {
    ...streamMetrics(metrics),
    ...meshMetrics(metrics),
    ...storeMetrics(metrics),
    ...jobMetrics(metrics),
  };
}

function streamMetrics(metrics: MetricFactory) {
  const open = metrics.gauge(
    'kumulus_streams',
    'Open streams, those included whose proxies are not let in yet.',
    'protocol',
  );
  const ended = metrics.counter(
    'kumulus_streams_ended_total',
    'Streams that ended, by how: by_proxy, or the code of the error.',
    'protocol',
    'reason',
  );
  const lasted = metrics.histogram(
    'kumulus_stream_duration_seconds',
    'How long ended streams were open.',
    streamBuckets,
    'protocol',
  );
  const bootstraps = metrics.histogram(
    'kumulus_bootstrap_duration_seconds',
    'Answered bootstrap requests, by HTTP status.',
    callBuckets,
    'status',
  );
  const admissions = metrics.histogram(
    'kumulus_admission_wait_seconds',
    'How long those waited that were let in.',
    waitBuckets,
    'door',
  );
  const turnedAway = metrics.counter(
    'kumulus_admission_turned_away_total',
    'Those that were told to come back later.',
    'door',
  );
  const registered = metrics.counter(
    'kumulus_registered_dataplanes_total',
    'Dataplanes that proxies brought along and that were written, or not.',
    'outcome',
  );
  const registration = metrics.histogram(
    'kumulus_registration_duration_seconds',
    'Writing such Dataplanes, conflicts included.',
    callBuckets,
  );
  for (const door of ['streams', 'bootstraps'] satisfies Door[]) {
    turnedAway.inc({ door }, 0);
  }
  for (const protocol of ['delta', 'sotw', 'hds'] satisfies StreamProtocol[]) {
    open.inc({ protocol }, 0);
    ended.inc({ protocol, reason: 'internal' }, 0);
  }
  return {
    streamOpened: (protocol) => open.inc({ protocol }),
    streamEnded(protocol, reason, ms) {
      open.dec({ protocol });
      ended.inc({ protocol, reason });
      lasted.observe({ protocol }, ms / 1000);
    },
    bootstrapAnswered: (status, ms) => bootstraps.observe({ status: String(status) }, ms / 1000),
    admitted: (door, ms) => admissions.observe({ door }, ms / 1000),
    turnedAway: (door) => turnedAway.inc({ door }),
    registered(dataplanes, ms, outcome) {
      registered.inc({ outcome }, dataplanes);
      registration.observe(ms / 1000);
    },
  } satisfies Partial<Telemetry>;
}

function meshMetrics(metrics: MetricFactory) {
  const loads = metrics.histogram(
    'kumulus_mesh_load_seconds',
    'Loading a mesh from its snapshot and log.',
    callBuckets,
  );
  const seen = metrics.histogram(
    'kumulus_change_seen_seconds',
    'From the commit of a change until the state of its mesh here holds it.',
    propagationBuckets,
  );
  const missed = metrics.counter(
    'kumulus_hints_missed_total',
    'Changes that were found without a hint in the feed.',
  );
  const compile = metrics.histogram(
    'kumulus_compile_duration_seconds',
    'Bringing snapshots up to date, a turn of the event loop at a time.',
    loopBuckets,
  );
  return {
    meshLoaded: (_tenant: string, _mesh: string, ms: number) => loads.observe(ms / 1000),
    changeSeen: (_tenant: string, _mesh: string, ms: number) => seen.observe(Math.max(0, ms) / 1000),
    hintMissed: () => missed.inc(),
    compiled: (ms: number) => compile.observe(ms / 1000),
  };
}

function storeMetrics(metrics: MetricFactory) {
  const calls = metrics.counter(
    'kumulus_store_calls_total',
    'Calls of the store by how they ended: ok, condition_failed, or the code of the error.',
    'call',
    'outcome',
  );
  const durations = metrics.histogram(
    'kumulus_store_call_duration_seconds',
    'How long they took, tries of the engine included.',
    callBuckets,
    'call',
  );
  const retries = metrics.counter(
    'kumulus_store_retries_total',
    'Tries of the engine after one that was throttled, conflicted or not answered.',
    'reason',
  );
  const renewals = metrics.counter(
    'kumulus_lease_renewals_total',
    'Renewals of the lease of this relay.',
    'outcome',
  );
  const expiry = metrics.gauge(
    'kumulus_lease_expiry_timestamp_seconds',
    'Until when the lease lives, in seconds since 1970.',
  );
  for (const reason of ['throttled', 'conflict', 'no_answer'] satisfies Parameters<
    Telemetry['storeRetried']
  >[0][]) {
    retries.inc({ reason }, 0);
  }
  renewals.inc({ outcome: 'failed' }, 0);
  return {
    storeCalled(call, outcome, ms) {
      calls.inc({ call, outcome });
      durations.observe({ call }, ms / 1000);
    },
    storeRetried: (reason) => retries.inc({ reason }),
    leaseRenewed(expires) {
      renewals.inc({ outcome: expires === undefined ? 'failed' : 'ok' });
      if (expires !== undefined) {
        expiry.set(expires / 1000);
      }
    },
  } satisfies Partial<Telemetry>;
}

function jobMetrics(metrics: MetricFactory) {
  const runs = metrics.histogram(
    'kumulus_job_duration_seconds',
    'Runs of scheduled jobs.',
    jobBuckets,
    'job_name',
    'outcome',
  );
  const success = metrics.gauge(
    'kumulus_job_last_success_timestamp_seconds',
    'When a job last ended well, in seconds since 1970.',
    'job_name',
  );
  return {
    jobEnded(job_name, outcome, ms) {
      runs.observe({ job_name, outcome }, ms / 1000);
      if (outcome === 'ok') {
        success.setToCurrentTime({ job_name });
      }
    },
  } satisfies Partial<Telemetry>;
}
