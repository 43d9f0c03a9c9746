import { isKumulusError, KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';

export interface TableReachOptions {
  /** After a failure nobody tries for so many milliseconds; 1,000 unless told. */
  readonly pauseMs?: number;
  /** A clock in milliseconds that only goes forward; the process's own unless told. */
  readonly clock?: Clock;
  /** From 0 to below 1; `Math.random` unless told. */
  readonly random?: () => number;
}

/**
 * Keeps those who need the table from waiting for it while it was just found gone: each of them would hold a place at the
 * door for as long as a call takes to be given up, and those who need nothing of it would wait behind them.
 */
export interface TableReach {
  /**
   * Does work that needs the table, under the name of what it is about. After it was `unavailable`, others of that name
   * are refused at once; when the pause is over one of them tries, and all may again once one has succeeded.
   *
   * @throws KumulusError `unavailable`, with a time to come back that is drawn, and what the work throws.
   */
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

interface Trouble {
  /** When somebody may try. */
  until: number;
  /** Somebody does. */
  isTried: boolean;
}

/** Names that are remembered because the table failed them; what is forgotten is only tried once more. */
const maxTroubled = 10_000;
/** Those who are refused are told times up to this, in seconds, so that they do not come back together. */
const longestSeconds = 5;

/** Makes a {@link TableReach}. */
export function createTableReach(options: TableReachOptions = {}): TableReach {
  const { pauseMs = 1_000, clock = () => performance.now(), random = Math.random } = options;
  const troubled = new Map<string, Trouble>();

  const refuse = () => {
    const retryAfterSeconds = 1 + Math.floor(random() * longestSeconds);
    return new KumulusError(
      'unavailable',
      `the table cannot be reached now, come back in ${retryAfterSeconds} s`,
      { retryAfterSeconds },
    );
  };

  const failed = (name: string) => {
    troubled.delete(name);
    troubled.set(name, { until: clock() + pauseMs, isTried: false });
    const [oldest] = troubled.keys();
    if (troubled.size > maxTroubled && oldest !== undefined) {
      troubled.delete(oldest);
    }
  };

  return {
    async run(name, work) {
      const trouble = troubled.get(name);
      if (trouble !== undefined) {
        if (trouble.isTried || clock() < trouble.until) {
          throw refuse();
        }
        trouble.isTried = true;
      }
      try {
        const result = await work();
        troubled.delete(name);
        return result;
      } catch (error) {
        if (isKumulusError(error, 'unavailable')) {
          failed(name);
        } else {
          // It was answered, be it with a refusal.
          troubled.delete(name);
        }
        throw error;
      }
    },
  };
}
