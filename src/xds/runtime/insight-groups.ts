import type { Logger } from '../../model/ports.ts';
import type { StreamEntry } from './stream-entry.ts';
import { createWritePace, type WritePace } from './write-pace.ts';

/** Entries that wait to be written, by mesh: what cannot be written of one keeps nothing else waiting. */
export interface InsightGroups {
  /** The entry has changed: what it tells is to be written soon, or only its counters are, which can wait. */
  touch(entry: StreamEntry, what: 'news' | 'counters'): void;
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
  /** Milliseconds within which news are written. */
  readonly soonMs: number;
  /** Milliseconds within which counters are. */
  readonly laterMs: () => number;
  /** See `InsightRecorderDeps.maxUnwritten`. */
  readonly maxUnwritten: number;
}

/** What is to be written of one mesh, and when. */
interface Group {
  readonly news: Set<StreamEntry>;
  /** Only their counters have changed. They do not go along with news: in a mesh that grows somebody always has some. */
  readonly counters: Set<StreamEntry>;
  /** By when they are to be written, on the clock of `performance`. */
  countersDue: number;
  /** Everything is to be written, due or not. */
  isFlushing: boolean;
  readonly pace: WritePace;
}

/** Creates the groups, empty. */
export function createInsightGroups(deps: InsightGroupsDeps): InsightGroups {
  const { write, logger, soonMs, laterMs, maxUnwritten } = deps;
  const groups = new Map<string, Group>();
  /** Streams that began and ended while nothing could be written, the oldest first. */
  const unwritten = new Set<StreamEntry>();

  /** Keeps what could not be written; of streams that nobody has seen and that are over, the newest. */
  const keep = (entry: StreamEntry) => {
    groupOf(entry).news.add(entry);
    if (!entry.written && entry.disconnectTime !== undefined) {
      unwritten.add(entry);
    }
    const [oldest] = unwritten;
    if (unwritten.size > maxUnwritten && oldest !== undefined) {
      unwritten.delete(oldest);
      groupOf(oldest).news.delete(oldest);
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

  const takeDue = (group: Group): readonly StreamEntry[] => {
    const { news, counters } = group;
    const areCountersDue = group.isFlushing || performance.now() >= group.countersDue;
    const entries = new Set(areCountersDue ? [...news, ...counters] : news);
    news.clear();
    for (const entry of entries) {
      counters.delete(entry);
    }
    return [...entries];
  };

  const writeDue = async (key: string, group: Group) => {
    const entries = takeDue(group);
    // All at once: the store makes one entry of its journal of them.
    const results = await Promise.allSettled(entries.map(attempt));
    if (group.counters.size > 0) {
      group.pace.within(group.countersDue - performance.now());
    }
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      throw failed.reason;
    }
    if (group.news.size + group.counters.size === 0 && groups.get(key) === group) {
      groups.delete(key);
    }
  };

  const createGroup = (key: string, { tenant, mesh }: StreamEntry['start']): Group => {
    const pace = createWritePace(() => writeDue(key, group), {
      onError: (error) =>
        logger.warn('insights could not be written and will be tried again', {
          tenant,
          mesh,
          insights: group.news.size,
          error,
        }),
    });
    const group: Group = { news: new Set(), counters: new Set(), countersDue: 0, isFlushing: false, pace };
    return group;
  };

  const groupOf = ({ start }: StreamEntry): Group => {
    const key = `${start.tenant}/${start.mesh}`;
    const group = groups.get(key) ?? createGroup(key, start);
    groups.set(key, group);
    return group;
  };

  const touch = (entry: StreamEntry, what: 'news' | 'counters') => {
    const group = groupOf(entry);
    const { news, counters, pace } = group;
    if (what === 'news') {
      news.add(entry);
      pace.within(soonMs);
      return;
    }
    if (counters.size === 0) {
      const withinMs = laterMs();
      group.countersDue = performance.now() + withinMs;
      pace.within(withinMs);
    }
    counters.add(entry);
  };

  const flushGroup = async (group: Group) => {
    group.isFlushing = true;
    await group.pace.flush();
    group.isFlushing = false;
  };

  const flush = async () => {
    await Promise.all([...groups.values()].map(flushGroup));
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
