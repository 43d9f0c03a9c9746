export interface WritePaceOptions {
  /**
   * The longest rest between two writes, in milliseconds; 0 unless told. It is a tenth of that at first and doubles with
   * each write that was asked for while it lasted, so that what comes one at a time need not wait.
   */
  readonly restMs?: number;
  /** Milliseconds after which a write that failed is tried again at first, doubled up to the longest; 500 to 15,000 unless told. */
  readonly retryMs?: number;
  readonly longestRetryMs?: number;
  /** From 0 to below 1; spreads what many relays try again. */
  readonly random?: () => number;
  /** Hears of each failure. */
  readonly onError: (error: unknown) => void;
}

/** Says when something is written that changes often: soon, not too often, one at a time, and again where it failed. */
export interface WritePace {
  /** Asks for a write within so many milliseconds, sooner where it was asked for already. */
  within(milliseconds: number): void;
  /** Writes at once what was asked for, and resolves when that was tried. */
  flush(): Promise<void>;
  /** Nothing is begun any more. */
  stop(): void;
}

/** Creates the pace of a write, which rejects where it is to be tried again. */
export function createWritePace(write: () => Promise<void>, options: WritePaceOptions): WritePace {
  const { restMs = 0, retryMs = 500, longestRetryMs = 15_000, random = Math.random, onError } = options;
  /** On the clock of `performance`: by when it is to begin, and before when it must not. */
  let due = Number.POSITIVE_INFINITY;
  let earliest = Number.NEGATIVE_INFINITY;
  let rest = 0;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const arm = () => {
    clearTimeout(timer);
    if (running === undefined && due < Number.POSITIVE_INFINITY && !stopped) {
      const waitMs = Math.ceil(Math.max(due, earliest) - performance.now());
      timer = setTimeout(() => void run(), Math.max(0, waitMs));
    }
  };

  const attempt = async (hadToWait: boolean) => {
    try {
      await write();
      failures = 0;
      rest = hadToWait ? Math.min(restMs, rest * 2) : restMs / 10;
      earliest = performance.now() + rest;
    } catch (error) {
      failures += 1;
      const pause = Math.min(longestRetryMs, retryMs * 2 ** (failures - 1));
      earliest = performance.now() + pause * (0.5 + random() / 2);
      due = Math.min(due, earliest);
      onError(error);
    }
  };

  const run = (): Promise<void> => {
    clearTimeout(timer);
    const hadToWait = due < earliest;
    due = Number.POSITIVE_INFINITY;
    const started = attempt(hadToWait).finally(() => {
      running = undefined;
      arm();
    });
    running = started;
    return started;
  };

  return {
    within(milliseconds) {
      const at = performance.now() + milliseconds;
      if (at < due) {
        due = at;
        arm();
      }
    },
    async flush() {
      await running;
      // Another caller may have begun meanwhile.
      await (running ?? (due < Number.POSITIVE_INFINITY ? run() : undefined));
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
