import type { Logger } from '../../model/ports.ts';
import type { StreamEntry } from './stream-entry.ts';
import { createWritePace, type WritePace } from './write-pace.ts';

/** Entries that wait to be written, by mesh: what cannot be written of one keeps nothing else waiting. */
export interface InsightGroups {
  /** The entry has changed, and is to be written within so many milliseconds. */
  touch(entry: StreamEntry, withinMs: number): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export interface InsightGroupsDeps {
  /**
   * Writes one entry.
   *
   * @throws what is to be tried again.
   */
  readonly write: (entry: StreamEntry) => Promise<void>;
  readonly logger: Logger;
  /** See `InsightRecorderDeps.maxUnwritten`. */
  readonly maxUnwritten: number;
}

/** What is to be written of one mesh, and when. */
interface Group {
  readonly dirty: Set<StreamEntry>;
  readonly pace: WritePace;
}

/** Creates the groups, empty. */
export function createInsightGroups({ write, logger, maxUnwritten }: InsightGroupsDeps): InsightGroups {
  const groups = new Map<string, Group>();
  /** Streams that began and ended while nothing could be written, the oldest first. */
  const unwritten = new Set<StreamEntry>();

  /** Keeps what could not be written; of streams that nobody has seen and that are over, the newest. */
  const keep = (entry: StreamEntry) => {
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

  const attempt = async (entry: StreamEntry) => {
    try {
      await write(entry);
      unwritten.delete(entry);
    } catch (error) {
      keep(entry);
      throw error;
    }
  };

  const createGroup = (key: string, { tenant, mesh }: StreamEntry['start']): Group => {
    const dirty = new Set<StreamEntry>();
    const writeAll = async () => {
      const entries = [...dirty];
      dirty.clear();
      // All at once: the store makes one entry of its journal of them.
      const results = await Promise.allSettled(entries.map(attempt));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) {
        throw failed.reason;
      }
      if (dirty.size === 0 && groups.get(key)?.dirty === dirty) {
        groups.delete(key);
      }
    };
    const pace = createWritePace(writeAll, {
      onError: (error) =>
        logger.warn('insights could not be written and will be tried again', {
          tenant,
          mesh,
          insights: dirty.size,
          error,
        }),
    });
    return { dirty, pace };
  };

  const groupOf = ({ start }: StreamEntry): Group => {
    const key = `${start.tenant}/${start.mesh}`;
    const group = groups.get(key) ?? createGroup(key, start);
    groups.set(key, group);
    return group;
  };

  const touch = (entry: StreamEntry, withinMs: number) => {
    const { dirty, pace } = groupOf(entry);
    dirty.add(entry);
    pace.within(withinMs);
  };

  const flush = async () => {
    await Promise.all([...groups.values()].map(({ pace }) => pace.flush()));
  };

  return {
    touch,
    flush,
    async stop() {
      await flush();
      for (const { pace } of groups.values()) {
        pace.stop();
      }
    },
  };
}
