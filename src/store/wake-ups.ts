import { isKumulusError } from '../model/errors.ts';
import type { Clock, Logger } from '../model/ports.ts';
import type { Hint } from './feed.ts';
import { hintTexts } from './hint-text.ts';
import type { Lease, Leases } from './leases.ts';
import type { Queues } from './queues.ts';

/** Tells relays at once of what was committed, beside the feed: who is told need not look. */
export interface WakeUps {
  /**
   * Sends the hints to every relay that has a queue. It is over soon and never fails: whom it does not reach finds the
   * hints in the feed.
   */
  tell(hints: readonly Hint[]): Promise<void>;
}

export interface WakeUpsDeps {
  readonly queues: Pick<Queues, 'send'>;
  readonly leases: Pick<Leases, 'list'>;
  /** The relay that this process is, which knows of its own commits. */
  readonly self?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long `tell` takes at most, in milliseconds; 200 unless told. */
  readonly patienceMs?: number;
}

/** How long the list of relays is used, in milliseconds. A relay that is not in it yet looks at the feed more often. */
export const relaysKnownMs = 10_000;
/** After a failure nobody is told for so long, in milliseconds, so that commits do not wait again and again. */
const restMs = 10_000;

/** Creates the wake-ups of a process. */
export function createWakeUps(deps: WakeUpsDeps): WakeUps {
  const { queues, leases, self, clock, logger, patienceMs = 200 } = deps;
  let listed: Promise<readonly Lease[]> | undefined;
  let listedAt = Number.NEGATIVE_INFINITY;
  let restsUntil = Number.NEGATIVE_INFINITY;

  const relays = (): Promise<readonly Lease[]> => {
    const age = clock() - listedAt;
    // A clock that went back says nothing of how old a list is.
    if (listed === undefined || age < 0 || age >= relaysKnownMs) {
      listedAt = clock();
      listed = leases.list();
    }
    return listed;
  };

  const send = async (queue: string, texts: readonly string[]) => {
    try {
      await Promise.all(texts.map((text) => queues.send(queue, text)));
    } catch (error) {
      if (!isKumulusError(error, 'not_found')) {
        throw error;
      }
      // The relay has gone, or is about to make its queue anew.
      listed = undefined;
    }
  };

  const tellAll = async (hints: readonly Hint[]) => {
    const texts = hintTexts(hints);
    const others = (await relays()).filter(({ relay }) => relay !== self);
    await Promise.all(others.map(({ queue }) => queue !== undefined && send(queue, texts)));
  };

  return {
    async tell(hints) {
      const now = clock();
      if (now < restsUntil && now >= restsUntil - restMs) {
        return;
      }
      const { promise: late, cancel } = after(patienceMs);
      try {
        await Promise.race([tellAll(hints), late]);
      } catch (error) {
        listed = undefined;
        restsUntil = clock() + restMs;
        logger.warn('relays could not be told of a commit and will find it in the feed', { error });
      } finally {
        cancel();
      }
    },
  };
}

/** Rejects after so long. */
function after(ms: number) {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not told after ${ms} ms`)), ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}
