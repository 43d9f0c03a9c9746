import { KumulusError } from '../model/errors.ts';
import type { Clock, IdSource } from '../model/ports.ts';
import type { Feed, Hint } from './feed.ts';
import { feedPartition, highest, itemValue, sortOf } from './feed-items.ts';
import { createFeedReader } from './feed-reader.ts';
import { type ItemStore, systemOwner } from './port.ts';
import type { WakeUps } from './wake-ups.ts';

export interface FeedDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Tells relays at the same time; they look for themselves where it is absent. */
  readonly wakeUps?: WakeUps;
  /** How long `publish` waits at most, in milliseconds; 1,000 unless told. What it has begun goes on. */
  readonly patienceMs?: number;
}

/** How long a hint lives. Who slept longer checks the heads anyway. */
const lifeMs = 5 * 60_000;
/** Hints in one item: with names as long as they can be they take 330 KB. */
const maxHints = 400;

/** Creates the feed on the table. */
export function createFeed({ items, clock, ids, wakeUps, patienceMs = 1_000 }: FeedDeps): Feed {
  /** What is to be written next, once what is being written is. */
  let gathered: Hint[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();

  const writeGathered = async () => {
    next = undefined;
    const hints = highest(gathered);
    gathered = [];
    // Who is told needs no feed, so nobody waits until it is written.
    await Promise.all([write(hints), wakeUps?.tell(hints)]);
  };

  const write = async (hints: readonly Hint[]) => {
    for (let start = 0; start < hints.length; start += maxHints) {
      const now = clock();
      const item = {
        partition: feedPartition,
        sort: sortOf(now, ids()),
        version: 1,
        value: itemValue(hints.slice(start, start + maxHints)),
        expiresAt: Math.ceil((now + lifeMs) / 1000),
      };
      await items.transact(systemOwner, [{ kind: 'put', item }]);
    }
  };

  return {
    publish(hints) {
      gathered.push(...hints);
      if (next === undefined) {
        next = current.catch(() => {}).then(writeGathered);
        current = next;
      }
      return within(patienceMs, next);
    },
    follow: () => createFeedReader({ items, clock }),
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new KumulusError('unavailable', `not written after ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
