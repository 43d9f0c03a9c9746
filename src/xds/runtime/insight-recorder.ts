import { type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import type { Clock, Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import type {
  Insight,
  Insights,
  MtlsInsight,
  ServiceStats,
  StatsName,
  Subscription,
} from '../../store/insights.ts';

/** What is recorded of one open stream. Everything is kept in memory at once and written soon. */
export interface StreamRecord {
  sent(typeUrl: TypeUrl, revision: number): void;
  acknowledged(typeUrl: TypeUrl, revision: number): void;
  rejected(typeUrl: TypeUrl, message: string): void;
  identity(mtls: MtlsInsight | undefined): void;
  /** The stream is gone. */
  closed(): void;
}

export interface StreamStart {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly version: unknown;
}

export interface InsightRecorder {
  /** A stream was let in. */
  opened(start: StreamStart): StreamRecord;
  /** Writes what is not yet written; resolves when it is. */
  flush(): Promise<void>;
}

export interface InsightRecorderDeps {
  readonly insights: Insights;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The relay's instance id. */
  readonly relay: string;
  /** Milliseconds within which news (connected, gone, refused, first acknowledged, taken after all) is written; 500 unless told. */
  readonly soonMs?: number;
  /** Milliseconds within which mere counters are written; 10,000 unless told, as in Kuma. */
  readonly laterMs?: number;
}

const statsNames: Readonly<Record<TypeUrl, StatsName>> = {
  [typeUrls.cluster]: 'cds',
  [typeUrls.endpoint]: 'eds',
  [typeUrls.listener]: 'lds',
  [typeUrls.route]: 'rds',
  [typeUrls.secret]: 'sds',
};

/** What a proxy says of its versions is bounded; kuma-dp's own takes 400 bytes. */
const maxVersionBytes = 4_096;
/** Envoy's words can be long; what is kept of them is enough to find the cause. */
const maxMessage = 2_000;

const none: ServiceStats = { responsesSent: 0, responsesAcknowledged: 0, responsesRejected: 0 };

interface Entry {
  readonly start: StreamStart;
  readonly stats: Map<StatsName, ServiceStats>;
  readonly connectTime: string;
  disconnectTime?: string;
  /** Milliseconds since 1970. */
  lastUpdate?: number;
  givenRevision?: number;
  acknowledgedRevision?: number;
  lastNack?: { typeUrl: string; message: string; time: string };
  /** What it was last sent of these it refused, and it holds what was before. */
  readonly refused: Set<StatsName>;
  mtls: MtlsInsight | undefined;
  dirty: boolean;
  /** It is in the store, or was. */
  written: boolean;
}

function subscriptionOf(entry: Entry, relay: string): Subscription {
  return {
    id: entry.start.subscriptionId,
    controlPlaneInstanceId: relay,
    connectTime: entry.connectTime,
    ...(entry.disconnectTime !== undefined && { disconnectTime: entry.disconnectTime }),
    ...(entry.lastUpdate !== undefined && { lastUpdateTime: new Date(entry.lastUpdate).toISOString() }),
    stats: Object.fromEntries(entry.stats),
    ...(entry.start.version !== undefined && { version: entry.start.version }),
    ...(entry.givenRevision !== undefined && { givenRevision: entry.givenRevision }),
    ...(entry.acknowledgedRevision !== undefined && { acknowledgedRevision: entry.acknowledgedRevision }),
    ...(entry.refused.size > 0 && { refused: [...entry.refused].sort() }),
    ...(entry.lastNack !== undefined && { lastNack: entry.lastNack }),
  };
}

function boundedVersion(version: unknown): unknown {
  return (JSON.stringify(version)?.length ?? 0) <= maxVersionBytes ? version : undefined;
}

/** A proxy has one live stream: whatever was left open before ours ended at the latest when ours began. */
function withSubscription(current: Insight | undefined, ours: Subscription): readonly Subscription[] {
  const others = (current?.subscriptions ?? []).filter(({ id }) => id !== ours.id);
  const known = current?.subscriptions.some(({ id }) => id === ours.id) ?? false;
  if (known) {
    return (current?.subscriptions ?? []).map((subscription) =>
      subscription.id === ours.id ? ours : subscription,
    );
  }
  return [
    ...others.map((other) =>
      other.disconnectTime === undefined ? { ...other, disconnectTime: ours.connectTime } : other,
    ),
    ours,
  ];
}

/** Writes what streams do into the insights of their proxies, in batches, when something changed and never on a timer alone. */
export function createInsightRecorder(deps: InsightRecorderDeps): InsightRecorder {
  const soonMs = deps.soonMs ?? 500;
  const laterMs = deps.laterMs ?? 10_000;
  const now = () => new Date(deps.clock()).toISOString();
  let dirty: Entry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();

  const write = async (entry: Entry) => {
    entry.dirty = false;
    const { tenant, mesh, name } = entry.start;
    const subscription = subscriptionOf(entry, deps.relay);
    try {
      await deps.insights.update(tenant, mesh, name, (current) =>
        // What was deleted with its Dataplane is not made anew to say that the stream ended with it.
        current === undefined && entry.written && subscription.disconnectTime !== undefined
          ? undefined
          : {
              subscriptions: withSubscription(current, subscription),
              ...(entry.mtls !== undefined && { mtls: entry.mtls }),
            },
      );
      entry.written = true;
    } catch (error) {
      deps.logger.warn('an insight could not be written', { tenant, mesh, name, error: String(error) });
    }
  };

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    due = Number.POSITIVE_INFINITY;
    const entries = dirty;
    dirty = [];
    // All at once: the store groups them by mesh.
    writing = writing.then(async () => void (await Promise.all(entries.map(write))));
    return writing;
  };

  const touch = (entry: Entry, withinMs: number) => {
    if (!entry.dirty) {
      entry.dirty = true;
      dirty.push(entry);
    }
    const at = performance.now() + withinMs;
    if (at < due - 1) {
      clearTimeout(timer);
      due = at;
      timer = setTimeout(() => void flush(), withinMs);
    }
  };

  const count = (entry: Entry, typeUrl: TypeUrl, member: keyof ServiceStats) => {
    for (const name of [statsNames[typeUrl], 'total'] as const) {
      const stats = entry.stats.get(name) ?? none;
      entry.stats.set(name, { ...stats, [member]: stats[member] + 1 });
    }
    entry.lastUpdate = deps.clock();
  };

  return {
    opened(start) {
      const version = boundedVersion(start.version);
      const entry: Entry = {
        start: { ...start, version },
        stats: new Map(),
        connectTime: now(),
        refused: new Set(),
        mtls: undefined,
        dirty: false,
        written: false,
      };
      touch(entry, soonMs);
      return {
        sent(typeUrl, revision) {
          count(entry, typeUrl, 'responsesSent');
          entry.givenRevision = revision;
          touch(entry, laterMs);
        },
        acknowledged(typeUrl, revision) {
          const isNews =
            entry.acknowledgedRevision === undefined || entry.refused.delete(statsNames[typeUrl]);
          count(entry, typeUrl, 'responsesAcknowledged');
          entry.acknowledgedRevision = revision;
          touch(entry, isNews ? soonMs : laterMs);
        },
        rejected(typeUrl, message) {
          count(entry, typeUrl, 'responsesRejected');
          entry.refused.add(statsNames[typeUrl]);
          entry.lastNack = { typeUrl, message: message.slice(0, maxMessage), time: now() };
          touch(entry, soonMs);
        },
        identity(mtls) {
          entry.mtls = mtls;
          touch(entry, soonMs);
        },
        closed() {
          entry.disconnectTime = now();
          touch(entry, soonMs);
        },
      };
    },
    flush,
  };
}
