import type { Clock } from '../../model/ports.ts';

export interface UnsentOptions {
  /** Bytes of responses that may wait for their readers at once, over all streams; one more response may go beyond it. */
  readonly maxBytes: number;
  /** Milliseconds after which a reader that has not taken its response makes room where others wait for it. */
  readonly stalledMs: number;
  /** A clock in milliseconds that only goes forward. */
  readonly clock: Clock;
}

/**
 * The bytes of responses that were written and not yet read, over all streams of a relay. A response is made only where
 * there is room, so that neither a change that concerns everybody nor a crowd of proxies that do not read takes more
 * memory than the bound; whoever waits is made its response later, from the newest snapshot.
 */
export interface Unsent {
  /** There is room for a response. */
  readonly hasRoom: boolean;
  /** What waits now: bytes that are not read, and streams that wait for room. */
  readonly load: { readonly bytes: number; readonly waiting: number };
  /**
   * Notes a response that is being written.
   *
   * @param giveUp called once where the reader stalls and others wait for the room.
   * @returns to be called when it is written, or will never be; more than once does no harm.
   */
  begin(bytes: number, giveUp: () => void): () => void;
  /** Calls back once, in turn, as soon as there is room. Gives back how to wait no more. */
  wait(turn: () => void): () => void;
}

interface Response {
  readonly bytes: number;
  readonly since: number;
  readonly giveUp: () => void;
  /** Its stream was told to end, and its bytes are about to be free. */
  leaving: boolean;
}

/** Makes an {@link Unsent} that nothing waits in. */
export function createUnsent(options: UnsentOptions): Unsent {
  /** In the order in which they began. */
  const responses = new Set<Response>();
  const waiting = new Set<() => void>();
  let bytes = 0;
  let leavingBytes = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Wakes when the oldest reader counts as stalled, as long as somebody waits. */
  const watch = () => {
    if (timer !== undefined || waiting.size === 0) {
      return;
    }
    for (const { leaving, since } of responses) {
      if (!leaving) {
        timer = setTimeout(relieve, Math.max(1, since + options.stalledMs - options.clock()));
        timer.unref();
        return;
      }
    }
  };

  const relieve = () => {
    timer = undefined;
    if (waiting.size > 0) {
      const stalledSince = options.clock() - options.stalledMs;
      for (const response of responses) {
        if (response.since > stalledSince || bytes - leavingBytes < options.maxBytes) {
          break;
        }
        if (!response.leaving) {
          response.leaving = true;
          leavingBytes += response.bytes;
          response.giveUp();
        }
      }
    }
    watch();
  };

  const letIn = () => {
    for (const turn of waiting) {
      if (bytes >= options.maxBytes) {
        return;
      }
      waiting.delete(turn);
      turn();
    }
    clearTimeout(timer);
    timer = undefined;
  };

  return {
    get hasRoom() {
      return bytes < options.maxBytes;
    },
    get load() {
      return { bytes, waiting: waiting.size };
    },
    begin(size, giveUp) {
      const response: Response = { bytes: size, since: options.clock(), giveUp, leaving: false };
      responses.add(response);
      bytes += size;
      return () => {
        if (responses.delete(response)) {
          bytes -= size;
          if (response.leaving) {
            leavingBytes -= size;
          }
          letIn();
        }
      };
    },
    wait(turn) {
      waiting.add(turn);
      watch();
      return () => {
        waiting.delete(turn);
      };
    },
  };
}
