import { KumulusError } from '../../model/errors.ts';

/** Bounds of what one process works on. */
export interface GateOptions {
  /** Requests in work at once. */
  readonly concurrency: number;
  /** Of those, requests of one lane. */
  readonly perLane: number;
  /** Of those, requests of strangers, all lanes together. */
  readonly strangers: number;
  /** Requests of one lane that wait. */
  readonly queuePerLane: number;
  /** Requests that wait, all lanes together. */
  readonly queue: number;
}

/** What the API of one process takes; two cores work on some thirty requests at once without one waiting for another. */
export const defaultGateOptions: GateOptions = {
  concurrency: 64,
  perLane: 32,
  strangers: 32,
  queuePerLane: 256,
  queue: 4_096,
};

/** Where a request waits. */
export interface Lane {
  /** Requests of one name wait for one another; the names take turns. */
  readonly name: string;
  /** Nobody has been seen yet who is who they say: strangers together leave room for all others. */
  readonly stranger: boolean;
}

/**
 * Lets requests in, so that nobody's flood makes others wait: names take turns, each has a bounded number of requests in
 * work and in line, and who is beyond it is refused at once, before anything is read or checked.
 */
export interface Gate {
  /**
   * Runs `work` when it is its turn. `leave` gives the place back early, for work that goes on to wait for something.
   *
   * @throws KumulusError `too_many_requests` where the lane is full, `unavailable` where all is.
   */
  run<Result>(lane: Lane, work: (leave: () => void) => Promise<Result>): Promise<Result>;
  readonly load: { readonly running: number; readonly waiting: number };
}

interface Line {
  readonly stranger: boolean;
  running: number;
  readonly waiting: (() => void)[];
}

/** Creates a gate. */
export function createGate(options: GateOptions = defaultGateOptions): Gate {
  const lines = new Map<string, Line>();
  let running = 0;
  let strangers = 0;
  let waiting = 0;

  const mayRun = (line: Line) =>
    running < options.concurrency &&
    line.running < options.perLane &&
    (!line.stranger || strangers < options.strangers);

  const start = (line: Line) => {
    running += 1;
    line.running += 1;
    strangers += line.stranger ? 1 : 0;
  };

  /** Lets in whoever is next in the place that has become free. */
  const next = () => {
    for (const [name, line] of waiting === 0 ? [] : lines) {
      const resume = mayRun(line) ? line.waiting.shift() : undefined;
      if (resume !== undefined) {
        waiting -= 1;
        start(line);
        lines.delete(name);
        lines.set(name, line);
        resume();
        return;
      }
    }
  };

  const stop = (name: string, line: Line) => {
    running -= 1;
    line.running -= 1;
    strangers -= line.stranger ? 1 : 0;
    // Whoever had a turn is behind all who wait for one.
    lines.delete(name);
    if (line.running > 0 || line.waiting.length > 0) {
      lines.set(name, line);
    }
    next();
  };

  const turn = (line: Line): Promise<void> | undefined => {
    if (line.waiting.length === 0 && mayRun(line)) {
      start(line);
      return undefined;
    }
    if (line.waiting.length >= options.queuePerLane) {
      throw new KumulusError('too_many_requests', 'too many requests at once', { retryAfterSeconds: 1 });
    }
    if (waiting >= options.queue) {
      throw new KumulusError('unavailable', 'the control plane is busy', { retryAfterSeconds: 1 });
    }
    waiting += 1;
    return new Promise((resolve) => line.waiting.push(resolve));
  };

  return {
    get load() {
      return { running, waiting };
    },
    async run({ name, stranger }, work) {
      const line = lines.get(name) ?? { stranger, running: 0, waiting: [] };
      lines.set(name, line);
      try {
        await turn(line);
      } catch (error) {
        if (line.running === 0 && line.waiting.length === 0) {
          lines.delete(name);
        }
        throw error;
      }
      let left = false;
      const leave = () => {
        if (!left) {
          left = true;
          stop(name, line);
        }
      };
      try {
        return await work(leave);
      } finally {
        leave();
      }
    },
  };
}
