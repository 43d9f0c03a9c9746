import type { TypeUrl } from '../../compile/snapshot.ts';
import { isKumulusError } from '../../model/errors.ts';
import type { Clock, Logger } from '../../model/ports.ts';
import type { Insights, MtlsInsight, Subscription } from '../../store/insights.ts';
import { createInsightGroups } from './insight-groups.ts';
import type { ProxyProgress } from './mesh-progress.ts';
import { type Desk, recordedStream } from './recorded-stream.ts';
import {
  boundedVersion,
  newerElsewhere,
  type StreamEntry,
  type StreamStart,
  subscriptionOf,
  withSubscription,
} from './stream-entry.ts';

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
  /** Milliseconds within which mere counters are written, at least; 10,000 unless told, as in Kuma. */
  readonly laterMs?: number;
  /**
   * Streams that began and ended while nothing could be written, of which so many are kept; 5,000 unless told. All others
   * are as many as are open, or were when writing failed.
   */
  readonly maxUnwritten?: number;
}

/** Counters of so many proxies wait longer, so that those of a hundred are written a second, however many there are. */
const laterPerStreamMs = 10;

/** Writes what streams do into the insights of their proxies, in batches, when something changed and never on a timer alone. */
export function createInsightRecorder(deps: InsightRecorderDeps): InsightRecorder {
  const soonMs = deps.soonMs ?? 500;
  const laterMs = deps.laterMs ?? 10_000;
  const now = () => new Date(deps.clock()).toISOString();
  const maxUnwritten = deps.maxUnwritten ?? 5_000;
  const open = new Set<StreamEntry>();

  /** @throws what is to be tried again. */
  const write = async (entry: StreamEntry) => {
    const { tenant, mesh, name } = entry.start;
    const subscription = subscriptionOf(entry, deps.relay);
    try {
      let newer: Subscription | undefined;
      await deps.insights.update(tenant, mesh, name, (current) => {
        newer = newerElsewhere(current, entry, deps.relay);
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
      if (newer !== undefined && entry.disconnectTime === undefined) {
        entry.start.onSuperseded?.();
      }
    } catch (error) {
      if (isKumulusError(error, 'unavailable')) {
        throw error;
      }
      deps.logger.warn('an insight cannot be written', { tenant, mesh, name, error });
    }
  };

  const groups = createInsightGroups({
    write,
    logger: deps.logger,
    soonMs,
    laterMs: () => Math.max(laterMs, open.size * laterPerStreamMs),
    maxUnwritten,
  });
  const desk: Desk = { groups, open, clock: deps.clock };

  return {
    opened(start) {
      const version = boundedVersion(start.version);
      const began = now();
      const entry: StreamEntry = {
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
      groups.touch(entry, 'news');
      return recordedStream(entry, desk);
    },
    renew(newId) {
      const began = now();
      for (const entry of open) {
        entry.subscriptionId = newId();
        entry.connectTime = began;
        groups.touch(entry, 'news');
      }
    },
    flush: groups.flush,
    stop: groups.stop,
  };
}
