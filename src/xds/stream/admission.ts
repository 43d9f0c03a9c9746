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
   * Runs `work` when it is its turn. One whose signal is aborted while it waits is not run.
   *
   * @throws KumulusError `unavailable` with `retryAfterSeconds` where there is too much already, or the signal was aborted.
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** How many run and wait now. */
  readonly load: { readonly running: number; readonly waiting: number };
}

/** How much the newest measurement moves the average of what one takes. */
const weight = 0.1;

/** Makes an {@link Admission} that measures how long one takes. */
export function createAdmission(options: AdmissionOptions): Admission {
  let running = 0;
  let averageMs = 0;
  const waiting = new Set<() => void>();

  const expectedWaitMs = () => ((waiting.size + 1) * averageMs) / options.concurrency;

  const turn = (signal: AbortSignal | undefined): Promise<void> => {
    if (running < options.concurrency) {
      running += 1;
      return Promise.resolve();
    }
    const wait = expectedWaitMs();
    if (waiting.size >= options.queue || wait > options.maxWaitMs) {
      const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000));
      throw new KumulusError('unavailable', `the relay is busy, come back in ${retryAfterSeconds} s`, {
        retryAfterSeconds,
      });
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(enter);
        reject(new KumulusError('unavailable', 'the caller has gone'));
      };
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        running += 1;
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.add(enter);
    });
  };

  const leave = () => {
    running -= 1;
    const [next] = waiting;
    if (next !== undefined) {
      waiting.delete(next);
      next();
    }
  };

  return {
    get load() {
      return { running, waiting: waiting.size };
    },
    async run(work, signal) {
      if (signal?.aborted === true) {
        throw new KumulusError('unavailable', 'the caller has gone');
      }
      await turn(signal);
      const start = options.clock();
      try {
        return await work();
      } finally {
        averageMs += (options.clock() - start - averageMs) * weight;
        leave();
      }
    },
  };
}
