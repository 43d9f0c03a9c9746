import type { Clock } from '../model/ports.ts';
import type { FeedReader, Hint } from './feed.ts';
import { feedPartition, highest, hintsOf, timeOf, timeText } from './feed-items.ts';
import { pagesOf } from './pages.ts';
import { type ItemStore, systemOwner } from './port.ts';

/**
 * A hint carries its writer's time and may appear after one of a later time was read, by as much as it takes to be
 * written. So every read looks back this far from the newest hint that was seen.
 */
const shallowMs = 300;
/** By as much as clocks differ and as writes are tried again; one read of a second looks back so far. */
const deepMs = 5_000;
const deepEveryMs = 1_000;

/**
 * Reads the feed on, one query a read. Times are those of the hints, so a reader whose clock is wrong misses nothing; and
 * once nothing new has come for a while nothing is read again, so a quiet feed costs the least that there is.
 */
export function createFeedReader(deps: { readonly items: ItemStore; readonly clock: Clock }): FeedReader {
  const { items, clock } = deps;
  /** The time of the newest hint that was seen, at most the reader's own. */
  let newest = clock();
  /** When that was, and when a read looked back deeply the last time, by the reader's clock. */
  let seenAt = newest;
  let deepAt = Number.NEGATIVE_INFINITY;
  /** What may be read again. */
  const known = new Set<string>();

  const lookBackMs = (now: number) => {
    if (isOver(deepMs, seenAt, now)) {
      return 0;
    }
    if (isOver(deepEveryMs, deepAt, now)) {
      deepAt = now;
      return deepMs;
    }
    return shallowMs;
  };

  const note = (sorts: readonly string[], now: number) => {
    for (const sort of sorts) {
      known.add(sort);
      const time = Math.min(timeOf(sort), now);
      if (time > newest) {
        newest = time;
        seenAt = now;
      }
    }
    const oldest = timeText(newest - deepMs);
    for (const sort of known) {
      if (sort < oldest) {
        known.delete(sort);
      }
    }
  };

  return {
    async read() {
      const now = clock();
      // Where all clocks are set back, hints go on from there.
      newest = Math.min(newest, now);
      const query = {
        partition: feedPartition,
        after: timeText(newest - lookBackMs(now)),
        eventual: true,
      } as const;
      const hints: Hint[] = [];
      const sorts: string[] = [];
      for await (const page of pagesOf(items, systemOwner, query)) {
        for (const { sort, value } of page) {
          if (!known.has(sort)) {
            sorts.push(sort);
            hints.push(...hintsOf(String(value)));
          }
        }
      }
      note(sorts, now);
      return highest(hints);
    },
  };
}

/** Whether the time is over; also where the clock was set back. */
function isOver(ms: number, since: number, now: number): boolean {
  return now < since || now - since >= ms;
}
