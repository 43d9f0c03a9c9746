import type { Logger } from '../../model/ports.ts';
import type { Feed, Hint } from '../../store/feed.ts';

export interface FeedPollerDeps {
  readonly feed: Feed;
  /** How many meshes are held. */
  readonly held: () => number;
  /** Takes a hint; gives back whether its mesh is held. */
  readonly onHint: (hint: Hint) => boolean;
  readonly logger: Logger;
  /** Whether hints come some other way as well, so that the feed is looked at in case one was lost; `false` unless told. */
  readonly isTold?: () => boolean;
  /** Milliseconds between polls right after a change of a mesh that is held; 50 unless told. */
  readonly shortestMs?: number;
  /** The same when there was none for long; 250 unless told. */
  readonly longestMs?: number;
  /** From 0 to below 1, so that relays do not keep step; `Math.random` unless told. */
  readonly random?: () => number;
}

export interface FeedPoller {
  /** Polls at once, and goes on at its pace: what was relied upon cannot be any more. */
  hurry(): void;
  stop(): void;
}

/** The pause is this part of the time since the last change, so a change waits for a hundredth of the silence before it. */
const pausePart = 1 / 50;
/** Milliseconds between polls while no mesh is held. */
export const idleFeedPauseMs = 1_000;
/** Milliseconds between polls while hints come some other way. */
export const toldFeedPauseMs = 10_000;
/** Milliseconds between polls right after a change, and when there was none for long, unless told. */
const defaultShortestMs = 50;
const defaultLongestMs = 250;
/** Milliseconds until a poll that failed is tried again: doubled each time up to the longest. */
const firstRetryMs = 200;
const longestRetryMs = 5_000;
/** By how much a pause is longer or shorter than the others at most, as a share of it. */
const jitter = 0.2;

/** How long to wait for the next poll when meshes are held and the last change of one was so long ago, in milliseconds. */
export function feedPauseMs(
  quietMs: number,
  shortestMs: number = defaultShortestMs,
  longestMs: number = defaultLongestMs,
): number {
  return Math.min(longestMs, Math.max(shortestMs, quietMs * pausePart));
}

/**
 * Polls the feed at the pace of what is held: where one change comes others follow, and when all is quiet polls are rare,
 * for then they are all that a relay costs. What a failed poll missed is found by the next one or by the check of the
 * heads.
 */
export function createFeedPoller(deps: FeedPollerDeps): FeedPoller {
  const { feed, held, onHint, logger, shortestMs, longestMs, random = Math.random } = deps;
  const { isTold = () => false } = deps;
  const reader = feed.follow();
  let changedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;
  let isHurried = false;
  let stopped = false;

  const read = async () => {
    const hints = await reader.read();
    failures = 0;
    // Of the whole list, for each is to be handed over.
    const concerned = stopped ? [] : hints.filter(onHint);
    if (concerned.length > 0) {
      changedAt = performance.now();
    }
  };

  const pauseMs = () => {
    if (failures > 0) {
      return Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
    }
    if (isTold()) {
      return toldFeedPauseMs;
    }
    if (held() === 0) {
      return idleFeedPauseMs;
    }
    return feedPauseMs(performance.now() - changedAt, shortestMs, longestMs);
  };

  const poll = async () => {
    isReading = true;
    isHurried = false;
    try {
      await read();
    } catch (error) {
      failures += 1;
      logger.warn('the feed could not be read', { error });
    }
    isReading = false;
    if (!stopped) {
      const ms = isHurried && failures === 0 ? 0 : pauseMs() * (1 + jitter * (2 * random() - 1));
      timer = setTimeout(() => void poll(), ms);
    }
  };
  void poll();

  return {
    hurry() {
      isHurried = true;
      if (!isReading && !stopped && failures === 0) {
        clearTimeout(timer);
        void poll();
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
