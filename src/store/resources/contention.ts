import { setTimeout as sleep } from 'node:timers/promises';
import { KumulusError } from '../../model/errors.ts';
import { ConditionFailedError } from '../port.ts';

/** How writers that meet at one item get out of each other's way. */
export interface ContentionOptions {
  /** How often a write is tried before it is given up; 40 unless told, which takes some six seconds. */
  readonly maxAttempts?: number;
  /** Waits the given milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

/** Runs a write again, after a random pause, while others are faster. */
export type Contender = <Result>(attempt: () => Promise<Result>) => Promise<Result>;

const firstPauseMilliseconds = 4;
const longestPauseMilliseconds = 300;

/**
 * Creates a {@link Contender}: full jitter over a pause that doubles.
 *
 * @throws KumulusError (the function that it returns) `unavailable` where the last attempt failed on conditions too.
 */
export function createContender(options: ContentionOptions = {}): Contender {
  const { maxAttempts = 40, wait = (milliseconds) => sleep(milliseconds), random = Math.random } = options;
  return async (attempt) => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) {
          throw error;
        }
        if (tried >= maxAttempts) {
          throw new KumulusError('unavailable', `${tried} attempts to write met other writers; try again`, {
            retryAfterSeconds: 1,
            cause: error,
          });
        }
        await wait(random() * Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** tried));
      }
    }
  };
}
