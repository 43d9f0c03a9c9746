import { isKumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { Hint } from '../../store/feed.ts';
import { hintsOfText } from '../../store/hint-text.ts';
import type { Queues } from '../../store/queues.ts';
import { relaysKnownMs } from '../../store/wake-ups.ts';

/** Where a relay is told of other processes' commits at once. */
export interface HintInbox {
  /** The address of the queue, for those who tell; undefined while there is none. */
  readonly queue: string | undefined;
  /** Whether it may be relied upon that hints come by the queue, so that the feed need be looked at only now and then. */
  isTrusted(): boolean;
  /** A hint came by the feed that should have come by the queue before. It is not trusted until something comes by it again. */
  missed(): void;
  /** Hears no more and removes the queue. What cannot be removed is left to the jobs. */
  close(): Promise<void>;
}

export interface HintInboxDeps {
  readonly queues: Queues;
  /** The queue's name: letters, digits and hyphens, 80 at the most. */
  readonly name: string;
  readonly onHint: (hint: Hint) => void;
  /** The queue cannot be trusted any more: what is in the feed by now was perhaps not told. */
  readonly onDistrust: () => void;
  readonly logger: Logger;
}

/** Milliseconds until what failed is tried again: doubled each time up to the longest. SQS takes the name of a queue that was removed after 60 s. */
const firstRetryMs = 1_000;
const longestRetryMs = 30_000;
/** Who tells knows relays by lists that may be so old; a second for what was being read when the lease was written. */
const unknownMs = relaysKnownMs + 1_000;

/** @throws the signal's reason once it is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Makes the queue and listens. Resolves once that was tried; where it fails it goes on trying. */
export async function openHintInbox(deps: HintInboxDeps): Promise<HintInbox> {
  const { queues, name, onHint, onDistrust, logger } = deps;
  const closing = new AbortController();
  const { signal } = closing;
  let queue: string | undefined;
  /** Since when it has been listened to without a failure, on the clock of `performance`. */
  let since: number | undefined;
  let hasMissed = false;
  let failures = 0;

  const open = async (): Promise<string> => {
    queue ??= await queues.create(name);
    since ??= performance.now();
    return queue;
  };

  const take = (text: string) => {
    try {
      for (const hint of hintsOfText(text)) {
        onHint(hint);
      }
      if (hasMissed) {
        logger.info('hints come by the queue again');
      }
      hasMissed = false;
    } catch (error) {
      logger.warn('a message of the queue has no hints', { error });
    }
  };

  const fail = (error: unknown) => {
    failures += 1;
    logger.warn('nothing is told by the queue, the feed is looked at more often', { name, error });
    if (isKumulusError(error, 'not_found')) {
      queue = undefined;
    }
    if (since !== undefined) {
      since = undefined;
      onDistrust();
    }
  };

  const listen = async () => {
    while (!signal.aborted) {
      try {
        if (failures > 0) {
          await pause(Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1)), signal);
        }
        for (const text of await queues.receive(await open(), signal)) {
          take(text);
        }
        failures = 0;
      } catch (error) {
        if (!signal.aborted) {
          fail(error);
        }
      }
    }
  };

  await open().catch(fail);
  const listening = listen();

  return {
    get queue() {
      return queue;
    },
    isTrusted: () => since !== undefined && !hasMissed && performance.now() - since >= unknownMs,
    missed() {
      if (!hasMissed) {
        hasMissed = true;
        logger.info('a hint came by the feed before it came by the queue, the feed is looked at more often');
        onDistrust();
      }
    },
    async close() {
      closing.abort();
      since = undefined;
      await listening;
      try {
        if (queue !== undefined) {
          await queues.remove(queue);
          queue = undefined;
        }
      } catch (error) {
        logger.warn('the queue could not be removed, which is left to the jobs', { name, error });
      }
    },
  };
}
