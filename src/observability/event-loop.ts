/** Watches how late the event loop comes to what is due. */
export interface EventLoopWatch {
  /** The longest lateness of the last {@link windowMs}, in milliseconds. */
  readonly longestMs: number;
  stop(): void;
}

export interface EventLoopWatchDeps {
  /** A clock in milliseconds that only goes forward; the process's own unless told. */
  readonly now?: () => number;
  /** Hears of each measurement, in milliseconds. */
  readonly onLag: (ms: number) => void;
}

/** How often it is looked, in milliseconds: what holds the loop up for longer is always seen, and idling stays cheap. */
export const lagEveryMs = 250;
/** For how long the longest lateness is remembered, in milliseconds. */
export const windowMs = 15_000;

/** Starts to watch. */
export function watchEventLoop({ now = () => performance.now(), onLag }: EventLoopWatchDeps): EventLoopWatch {
  let due = now() + lagEveryMs;
  let recent: { readonly at: number; readonly ms: number }[] = [];
  const timer = setInterval(() => {
    const at = now();
    const ms = Math.max(0, at - due);
    // Node plans the next turn from when this one begins.
    due = at + lagEveryMs;
    // What is smaller and older than another can never be the longest again.
    recent = [...recent.filter((one) => one.ms > ms && at - one.at < windowMs), { at, ms }];
    onLag(ms);
  }, lagEveryMs);
  timer.unref();
  return {
    get longestMs() {
      const at = now();
      // While the loop is held up no turn is measured; what is overdue already counts.
      const overdue = at - due;
      return recent.reduce(
        (most, one) => (at - one.at < windowMs ? Math.max(most, one.ms) : most),
        Math.max(0, overdue),
      );
    },
    stop: () => clearInterval(timer),
  };
}
