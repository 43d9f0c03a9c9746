import { type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import { isKumulusError } from '../../model/errors.ts';
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
import type { ProxyProgress } from './mesh-progress.ts';
import { createWritePace, type WritePace } from './write-pace.ts';

/** What is written of one open stream. Everything is kept in memory at once and written soon. */
export interface StreamInsight {
  sent(typeUrl: TypeUrl, revision: number, bytes: number): void;
  acknowledged(typeUrl: TypeUrl, revision: number): void;
  rejected(typeUrl: TypeUrl, message: string): void;
  /** It has answered everything up to this revision; of these types it uses what was before something that it refused. */
  answered(revision: number, refused: readonly TypeUrl[]): void;
  identity(mtls: MtlsInsight | undefined): void;
  /** The stream is gone. */
  closed(): void;
}

/** What a session tells of its stream. */
export interface StreamRecord
  extends StreamInsight,
    Pick<ProxyProgress, 'configured' | 'notConfigured' | 'completed'> {}

export interface StreamStart {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly version: unknown;
  /** Asked when it is written that the stream is closed: whether the proxy has left for good, and its Dataplane is to go. */
  readonly hasLeft?: () => boolean;
  /** Called where a newer stream of the proxy is found to be open at another relay: then this one is dead. */
  readonly onSuperseded?: () => void;
}

export interface InsightRecorder {
  /** A stream was let in. */
  opened(start: StreamStart): StreamInsight;
  /**
   * Makes a new subscription of each open stream, as if it began now: others may have closed the one before, because they
   * took the relay for dead.
   */
  renew(newId: () => string): void;
  /** Writes what is not yet written; resolves when that was tried. What could not be written is kept and tried again. */
  flush(): Promise<void>;
  /** Writes what is not yet written, and tries nothing again afterwards. */
  stop(): Promise<void>;
}

export interface InsightRecorderDeps {
  readonly insights: Pick<Insights, 'update'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The relay's instance id. */
  readonly relay: string;
  /** Milliseconds within which news (connected, gone, refused, first acknowledged, taken after all) is written; 500 unless told. */
  readonly soonMs?: number;
  /** Milliseconds within which mere counters are written; 10,000 unless told, as in Kuma. */
  readonly laterMs?: number;
  /**
   * Streams that began and ended while nothing could be written, of which so many are kept; 5,000 unless told. All others
   * are as many as are open, or were when writing failed.
   */
  readonly maxUnwritten?: number;
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
  subscriptionId: string;
  connectTime: string;
  /** When the stream itself began. */
  readonly began: string;
  disconnectTime?: string;
  /** Milliseconds since 1970. */
  lastUpdate?: number;
  givenRevision?: number;
  acknowledgedRevision?: number;
  lastNack?: { typeUrl: string; message: string; time: string };
  /** Of these it refused something, and uses what was before. */
  refused: Set<StatsName>;
  mtls: MtlsInsight | undefined;
  /** It is in the store, or was. */
  written: boolean;
}

/** What is to be written of one mesh, and when. */
interface Group {
  readonly dirty: Set<Entry>;
  readonly pace: WritePace;
}

function subscriptionOf(entry: Entry, relay: string): Subscription {
  return {
    id: entry.subscriptionId,
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

/**
 * A proxy has one live stream: whatever was left open before ours ended at the latest when ours began.
 *
 * @param newer one that began after ours and is open: then ours is over.
 */
function withSubscription(
  current: Insight | undefined,
  written: Subscription,
  newer: Subscription | undefined,
): readonly Subscription[] {
  const all = current?.subscriptions ?? [];
  const others = all.filter(({ id }) => id !== written.id);
  const ours = newer === undefined ? written : { disconnectTime: newer.connectTime, ...written };
  if (others.length < all.length) {
    return all.map((subscription) => (subscription.id === ours.id ? ours : subscription));
  }
  if (newer !== undefined) {
    return others.flatMap((other) => (other === newer ? [ours, other] : [other]));
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
  const maxUnwritten = deps.maxUnwritten ?? 5_000;
  /** What is to be written, by mesh: what cannot be written of one keeps nothing else waiting. */
  const groups = new Map<string, Group>();
  const open = new Set<Entry>();
  /** Streams that began and ended while nothing could be written, the oldest first. */
  const unwritten = new Set<Entry>();

  /** A stream that the proxy opened at another relay, after the entry's. */
  const newerElsewhere = (current: Insight | undefined, { began }: Entry) =>
    current?.subscriptions.find(
      (other) =>
        other.disconnectTime === undefined &&
        other.controlPlaneInstanceId !== deps.relay &&
        other.connectTime > began,
    );

  /** @throws what is to be tried again. */
  const write = async (entry: Entry) => {
    const { tenant, mesh, name } = entry.start;
    const subscription = subscriptionOf(entry, deps.relay);
    try {
      let newer: Subscription | undefined;
      await deps.insights.update(tenant, mesh, name, (current) => {
        newer = newerElsewhere(current, entry);
        // What was deleted with its Dataplane is not made anew to say that the stream ended with it.
        return current === undefined && entry.written && subscription.disconnectTime !== undefined
          ? undefined
          : {
              subscriptions: withSubscription(current, subscription, newer),
              ...(entry.mtls !== undefined && { mtls: entry.mtls }),
              ...(entry.disconnectTime !== undefined && entry.start.hasLeft?.() && { left: true }),
            };
      });
      entry.written = true;
      unwritten.delete(entry);
      if (newer !== undefined && entry.disconnectTime === undefined) {
        entry.start.onSuperseded?.();
      }
    } catch (error) {
      if (isKumulusError(error, 'unavailable')) {
        keep(entry);
        throw error;
      }
      deps.logger.warn('an insight cannot be written', { tenant, mesh, name, error: String(error) });
    }
  };

  /** Keeps what could not be written; of streams that nobody has seen and that are over, the newest. */
  const keep = (entry: Entry) => {
    groupOf(entry).dirty.add(entry);
    if (!entry.written && entry.disconnectTime !== undefined) {
      unwritten.add(entry);
    }
    const [oldest] = unwritten;
    if (unwritten.size > maxUnwritten && oldest !== undefined) {
      unwritten.delete(oldest);
      groupOf(oldest).dirty.delete(oldest);
    }
  };

  const createGroup = (key: string, { tenant, mesh }: StreamStart): Group => {
    const dirty = new Set<Entry>();
    const writeAll = async () => {
      const entries = [...dirty];
      dirty.clear();
      // All at once: the store makes one entry of its journal of them.
      const results = await Promise.allSettled(entries.map(write));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) {
        throw failed.reason;
      }
      if (dirty.size === 0) {
        groups.delete(key);
      }
    };
    const pace = createWritePace(writeAll, {
      onError: (error) =>
        deps.logger.warn('insights could not be written and will be tried again', {
          tenant,
          mesh,
          insights: dirty.size,
          error: String(error),
        }),
    });
    return { dirty, pace };
  };

  const groupOf = ({ start }: Entry): Group => {
    const key = `${start.tenant}/${start.mesh}`;
    const group = groups.get(key) ?? createGroup(key, start);
    groups.set(key, group);
    return group;
  };

  const touch = (entry: Entry, withinMs: number) => {
    const { dirty, pace } = groupOf(entry);
    dirty.add(entry);
    pace.within(withinMs);
  };

  const flush = async () => {
    await Promise.all([...groups.values()].map(({ pace }) => pace.flush()));
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
      const began = now();
      const entry: Entry = {
        start: { ...start, version },
        stats: new Map(),
        subscriptionId: start.subscriptionId,
        connectTime: began,
        began,
        refused: new Set(),
        mtls: undefined,
        written: false,
      };
      open.add(entry);
      touch(entry, soonMs);
      return {
        sent(typeUrl, revision) {
          count(entry, typeUrl, 'responsesSent');
          entry.givenRevision = revision;
          touch(entry, laterMs);
        },
        acknowledged(typeUrl, revision) {
          const isNews = entry.acknowledgedRevision === undefined;
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
        answered(_, refused) {
          const names = refused.map((typeUrl) => statsNames[typeUrl]);
          if (names.length !== entry.refused.size || names.some((name) => !entry.refused.has(name))) {
            entry.refused = new Set(names);
            touch(entry, soonMs);
          }
        },
        identity(mtls) {
          entry.mtls = mtls;
          touch(entry, soonMs);
        },
        closed() {
          entry.disconnectTime = now();
          open.delete(entry);
          touch(entry, soonMs);
        },
      };
    },
    renew(newId) {
      const began = now();
      for (const entry of open) {
        entry.subscriptionId = newId();
        entry.connectTime = began;
        touch(entry, soonMs);
      }
    },
    flush,
    async stop() {
      await flush();
      for (const { pace } of groups.values()) {
        pace.stop();
      }
    },
  };
}
