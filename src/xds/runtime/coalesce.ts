/** Runs one piece of work at a time; triggers that come while it runs make it run once more, however many they are. */
export interface Coalescer {
  /** Asks for a run, now or after the one under way. */
  trigger(): void;
  /** Resolves when nothing runs and nothing is asked for. */
  idle(): Promise<void>;
  /** No run begins after this. */
  stop(): void;
}

export interface CoalescerOptions {
  /**
   * Milliseconds that lie at least between two runs when triggers keep coming; 0 unless told. The first trigger after a
   * quiet time of that length runs at once. The rest doubles from a tenth of it on, so that few triggers wait little.
   */
  readonly maxRestMs?: number;
  /** Hears of failures; the work is tried again, for a reader that gives up would serve old news for ever. */
  readonly onError: (error: unknown) => void;
}

/** Milliseconds until work that failed is tried again. */
const retryMs = 100;

/** Makes a {@link Coalescer} of `work`. */
export function createCoalescer(work: () => Promise<void>, options: CoalescerOptions): Coalescer {
  const maxRestMs = options.maxRestMs ?? 0;
  let restMs = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
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

  /** How long to wait before the next run: not at all after a quiet time, then ever longer up to the bound. */
  const waitMs = () => {
    const quietMs = performance.now() - lastEnd;
    restMs = quietMs >= maxRestMs ? 0 : Math.min(maxRestMs, Math.max(maxRestMs / 10, restMs * 2));
    return restMs - quietMs;
  };

  const run = async () => {
    running = true;
    while (wanted && !stopped) {
      const wait = waitMs();
      if (wait >= 1) {
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
      wanted = false;
      try {
        await work();
      } catch (error) {
        options.onError(error);
        wanted = true;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
      lastEnd = performance.now();
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
