import { KumulusError } from '../../model/errors.ts';

/** Bounds of what one process works on. */
export interface GateOptions {
  /** Requests in work at once. */
  readonly concurrency: number;
  /** Of those, requests of one lane. */
  readonly perLane: number;
  /** Of those, requests of strangers, all lanes together. */
  readonly strangers: number;
  /**
   * Requests of one lane that begin in one turn of the event loop, and those of all strangers: what is answered from
   * memory is done when it has begun, and would else keep the socket of everybody else unread.
   */
  readonly perTurn: number;
  /** Requests of one lane that wait. */
  readonly queuePerLane: number;
  /** Requests that wait, all lanes together. */
  readonly queue: number;
}

/**
 * What the API of one process takes: enough in work of a tenant for its commits to be grouped, enough in all that a few
 * who send their bodies slowly keep nobody out, and little enough a turn for nobody to notice.
 */
export const defaultGateOptions: GateOptions = {
  concurrency: 512,
  perLane: 32,
  strangers: 128,
  perTurn: 8,
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
  readonly name: string;
  readonly stranger: boolean;
  running: number;
  /** How many have begun in this turn of the event loop. */
  begun: number;
  readonly waiting: (() => void)[];
}

/** Creates a gate. */
export function createGate(options: GateOptions = defaultGateOptions): Gate {
  /** Whoever had a turn is behind all who wait for one. */
  const lines = new Map<string, Line>();
  /** Those of which some have begun in this turn of the event loop. */
  const begun = new Map<string, Line>();
  const strangers = { running: 0, begun: 0 };
  let running = 0;
  let waiting = 0;

  const mayRun = (line: Line) =>
    running < options.concurrency &&
    line.running < options.perLane &&
    line.begun < options.perTurn &&
    (!line.stranger || (strangers.running < options.strangers && strangers.begun < options.perTurn));

  const start = (line: Line) => {
    if (begun.size === 0) {
      setImmediate(nextTurn);
    }
    begun.set(line.name, line);
    running += 1;
    line.running += 1;
    line.begun += 1;
    if (line.stranger) {
      strangers.running += 1;
      strangers.begun += 1;
    }
  };

  const putLast = (line: Line) => {
    lines.delete(line.name);
    if (line.running > 0 || line.waiting.length > 0) {
      lines.set(line.name, line);
    }
  };

  /** Lets in all who may run, one of a line after one of each other. A line that is put last is come to again. */
  const letIn = () => {
    for (const line of waiting === 0 ? [] : lines.values()) {
      const resume = mayRun(line) ? line.waiting.shift() : undefined;
      if (resume !== undefined) {
        waiting -= 1;
        start(line);
        putLast(line);
        resume();
      }
    }
  };

  const nextTurn = () => {
    for (const line of begun.values()) {
      line.begun = 0;
    }
    begun.clear();
    strangers.begun = 0;
    letIn();
  };

  const stop = (line: Line) => {
    running -= 1;
    line.running -= 1;
    strangers.running -= line.stranger ? 1 : 0;
    putLast(line);
    letIn();
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

  const lineOf = ({ name, stranger }: Lane): Line =>
    lines.get(name) ?? begun.get(name) ?? { name, stranger, running: 0, begun: 0, waiting: [] };

  return {
    get load() {
      return { running, waiting };
    },
    async run(lane, work) {
      const line = lineOf(lane);
      const ready = turn(line);
      lines.set(line.name, line);
      await ready;
      let left = false;
      const leave = () => {
        if (!left) {
          left = true;
          stop(line);
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
