import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';

export interface AdmissionOptions {
  /** How many run at once. */
  readonly concurrency: number;
  /** How many may wait. */
  readonly queue: number;
  /** Milliseconds that one may be expected to wait; who would wait longer is refused at once, not late. */
  readonly maxWaitMs: number;
  /** A clock in milliseconds that only goes forward. */
  readonly clock: Clock;
}

/** Lets in as many at once as can be served; the rest wait in line, or are told to come back. */
export interface Admission {
  /**
   * Runs `work` when it is its turn, unless the caller has gone by then.
   *
   * @throws KumulusError `unavailable`, with `retryAfterSeconds` where there is too much already.
   */
  run<T>(work: () => Promise<T>, hasGone?: () => boolean): Promise<T>;
  /** How many run and wait now. */
  readonly load: { readonly running: number; readonly waiting: number };
}

/** How much the newest measurement moves the average of what one takes. */
const weight = 0.1;

/** Makes an {@link Admission} that measures how long one takes. */
export function createAdmission(options: AdmissionOptions): Admission {
  let running = 0;
  let averageMs = 0;
  const waiting: (() => void)[] = [];

  const expectedWaitMs = () => ((waiting.length + 1) * averageMs) / options.concurrency;

  const turn = (): Promise<void> => {
    if (running < options.concurrency) {
      running += 1;
      return Promise.resolve();
    }
    const wait = expectedWaitMs();
    if (waiting.length >= options.queue || wait > options.maxWaitMs) {
      const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000));
      throw new KumulusError('unavailable', `the relay is busy, come back in ${retryAfterSeconds} s`, {
        retryAfterSeconds,
      });
    }
    return new Promise((resolve) => waiting.push(resolve));
  };

  /** The place goes to the next in line, so that nobody who comes now is faster. */
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) {
      running -= 1;
    } else {
      next();
    }
  };

  return {
    get load() {
      return { running, waiting: waiting.length };
    },
    async run(work, hasGone = () => false) {
      await turn();
      const start = options.clock();
      try {
        if (hasGone()) {
          throw new KumulusError('unavailable', 'the caller has gone');
        }
        return await work();
      } finally {
        averageMs += (options.clock() - start - averageMs) * weight;
        leave();
      }
    },
  };
}
