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
   * After a run, the next one waits for this many times as long as the run took, at most {@link maxRestMs}: a quiet mesh
   * is served at once, a busy one in larger steps. 1 unless told.
   */
  readonly restFactor?: number;
  /** Milliseconds; 100 unless told. */
  readonly maxRestMs?: number;
  /** Hears of failures; the work is tried again after {@link maxRestMs}, for a reader that gives up would serve old news for ever. */
  readonly onError: (error: unknown) => void;
}

/** Makes a {@link Coalescer} of `work`. */
export function createCoalescer(work: () => Promise<void>, options: CoalescerOptions): Coalescer {
  const restFactor = options.restFactor ?? 1;
  const maxRestMs = options.maxRestMs ?? 100;
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

  const run = async () => {
    running = true;
    while (wanted && !stopped) {
      wanted = false;
      const start = performance.now();
      let rest = 0;
      try {
        await work();
        rest = Math.min(maxRestMs, (performance.now() - start) * restFactor);
      } catch (error) {
        options.onError(error);
        wanted = true;
        rest = maxRestMs;
      }
      if (wanted && rest >= 1) {
        await new Promise((resolve) => setTimeout(resolve, rest));
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
