import type { Logger } from '../../model/ports.ts';
import type { Feed, FeedCursor, Hint } from '../../store/feed.ts';

export interface FeedPollerDeps {
  readonly feed: Feed;
  readonly onHint: (hint: Hint) => void;
  readonly logger: Logger;
  /** Milliseconds between polls right after a change; 50 unless told. */
  readonly fastMs?: number;
  /** Milliseconds between polls when all is quiet; 1,000 unless told. */
  readonly slowMs?: number;
}

export interface FeedPoller {
  stop(): void;
}

/**
 * Polls the feed, quickly after a change and ever more slowly when all is quiet. A failed poll is tried again at the slow
 * pace; what it missed is found by the next one or by the check of the heads.
 */
export function createFeedPoller(deps: FeedPollerDeps): FeedPoller {
  const fastMs = deps.fastMs ?? 50;
  const slowMs = deps.slowMs ?? 1_000;
  let cursor: FeedCursor | undefined;
  let pause = slowMs;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const poll = async () => {
    try {
      cursor ??= await deps.feed.cursor();
      const answer = await deps.feed.read(cursor);
      cursor = answer.cursor;
      pause = answer.hints.length > 0 ? fastMs : Math.min(slowMs, pause * 1.5);
      answer.hints.forEach(deps.onHint);
    } catch (error) {
      pause = slowMs;
      deps.logger.warn('the feed could not be read', { error: String(error) });
    }
    if (!stopped) {
      timer = setTimeout(() => void poll(), pause);
    }
  };
  void poll();

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
