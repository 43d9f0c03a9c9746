/** Holds objects that nobody needs any more for a while, for who looks for them by a weak reference. */
export interface HeldForAWhile<Value extends object> {
  add(value: Value): void;
  /** Lets go of everything. */
  stop(): void;
  /** How many there are; for tests and measurements. */
  readonly size: number;
}

/**
 * Makes one that holds each object for `ms` milliseconds at least and twice that at most: one timer, and only while
 * there is something to hold.
 */
export function createHeldForAWhile<Value extends object>(ms: number): HeldForAWhile<Value> {
  let young = new Set<Value>();
  let old = new Set<Value>();
  let timer: NodeJS.Timeout | undefined;

  const turn = () => {
    old = young;
    young = new Set();
    timer = old.size === 0 ? undefined : setTimeout(turn, ms).unref();
  };

  return {
    add(value) {
      young.add(value);
      timer ??= setTimeout(turn, ms).unref();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      young.clear();
      old.clear();
    },
    get size() {
      return young.size + old.size;
    },
  };
}
