/** Runs one piece of work at a time; triggers that come while it runs make it run once more, however many they are. */
export interface Coalescer {
  /** Asks for a run, now or after the one under way. */
  trigger(): void;
  /** Resolves when nothing runs and nothing is asked for. */
  idle(): Promise<void>;
  /** No run begins after this, and no failure is told of. */
  stop(): void;
}

export interface CoalescerOptions {
  /**
   * Asked after each run: for how many milliseconds the next one is to wait, where it is asked for; what comes meanwhile
   * is done together. No time unless told.
   */
  readonly restMs?: () => number;
  /** Asked a few times a second during a rest that something waits for: whether it may end already. Never unless told. */
  readonly isRested?: () => boolean;
  /** Hears of failures; the work is tried again, for a reader that gives up would serve old news for ever. */
  readonly onError: (error: unknown) => void;
  /** From 0 to below 1, so that not all try again at once; `Math.random` unless told. */
  readonly random?: () => number;
}

/** Milliseconds until work that failed is tried again: doubled with each failure, up to the longest, less a random part. */
const firstRetryMs = 100;
const longestRetryMs = 5_000;

/** Milliseconds after which {@link CoalescerOptions.isRested} is asked again. */
const askMs = 100;

/** The process may end meanwhile: who waits here has nothing to lose. */
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** Makes a {@link Coalescer} of `work`. */
export function createCoalescer(work: () => Promise<void>, options: CoalescerOptions): Coalescer {
  const { restMs = () => 0, isRested, onError, random = Math.random } = options;
  /** When the rest after the last run is over, by `performance.now`. */
  let rested = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let wanted = false;
  let running = false;
  let stopped = false;
  let waiters: (() => void)[] = [];

  const settle = () => {
    const done = waiters;
    waiters = [];
    for (const resolve of done) {
      resolve();
    }
  };

  const runOnce = async () => {
    wanted = false;
    try {
      await work();
      failures = 0;
      rested = performance.now() + restMs();
    } catch (error) {
      if (!stopped) {
        onError(error);
      }
      wanted = true;
      const retryMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
      rested = performance.now() + retryMs * (1 - random() / 2);
      failures += 1;
    }
  };

  const run = async () => {
    running = true;
    while (wanted && !stopped) {
      const wait = rested - performance.now();
      const mayEnd = isRested !== undefined && failures === 0;
      if (wait >= 1 && !(mayEnd && isRested())) {
        await pause(mayEnd ? Math.min(askMs, wait) : wait);
      } else {
        await runOnce();
      }
    }
    running = false;
    settle();
  };

  return {
    trigger() {
      wanted = true;
      if (!running && !stopped) {
        void run();
      }
    },
    idle() {
      return running ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve();
    },
    stop() {
      stopped = true;
    },
  };
}
