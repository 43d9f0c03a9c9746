import type { Clock } from '../../model/ports.ts';

export interface UnsentOptions {
  /** Bytes of responses that may wait for their readers at once, over all streams; one more response may go beyond it. */
  readonly maxBytes: number;
  /** Milliseconds after which a reader that has not taken its response makes room where others wait for it. */
  readonly stalledMs: number;
  /** A clock in milliseconds that only goes forward. */
  readonly clock: Clock;
}

/** A reader that has taken a response on its stream before, or one that is not known yet. */
export type Reader = 'proven' | 'new';

/**
 * The bytes of responses that were written and not yet read, over all streams of a relay. A response is made only where
 * there is room, so that neither a change that concerns everybody nor a crowd of proxies that do not read takes more
 * memory than the bound; whoever waits is made its response later, from the newest snapshot. Readers that are new have
 * half of the room, so that a crowd of them never stands in the way of those that read.
 */
export interface Unsent {
  /** There is room for a response. */
  hasRoom(reader: Reader): boolean;
  /** What waits now: bytes that are not read, and streams that wait for room. */
  readonly load: { readonly bytes: number; readonly waiting: number };
  /**
   * Notes a response that is being written.
   *
   * @param giveUp called once where the reader stalls and others wait for the room.
   * @returns to be called when it is written, or will never be; more than once does no harm.
   */
  begin(reader: Reader, bytes: number, giveUp: () => void): () => void;
  /** Calls back once, in turn, as soon as there is room. Gives back how to wait no more. */
  wait(reader: Reader, turn: () => void): () => void;
}

interface Response {
  readonly reader: Reader;
  readonly bytes: number;
  readonly since: number;
  readonly giveUp: () => void;
  /** Its stream was told to end, and its bytes are about to be free. */
  leaving: boolean;
}

/** Makes an {@link Unsent} that nothing waits in. */
export function createUnsent({ maxBytes, stalledMs, clock }: UnsentOptions): Unsent {
  /** In the order in which they began. */
  const responses = new Set<Response>();
  const waiting = { proven: new Set<() => void>(), new: new Set<() => void>() };
  const bytes = { proven: 0, new: 0 };
  /** Those of the bytes that are about to be free. */
  const leaving = { proven: 0, new: 0 };
  let timer: NodeJS.Timeout | undefined;

  const room = (reader: Reader, proven: number, fresh: number) =>
    proven + fresh < maxBytes && (reader === 'proven' || fresh < maxBytes / 2);
  const hasRoom = (reader: Reader) => room(reader, bytes.proven, bytes.new);
  const willHaveRoom = (reader: Reader) =>
    room(reader, bytes.proven - leaving.proven, bytes.new - leaving.new);
  const isShort = () =>
    (waiting.proven.size > 0 && !willHaveRoom('proven')) || (waiting.new.size > 0 && !willHaveRoom('new'));

  /** Wakes when the oldest reader counts as stalled, as long as somebody waits. */
  const watch = () => {
    if (timer !== undefined || !isShort()) {
      return;
    }
    for (const response of responses) {
      if (!response.leaving) {
        timer = setTimeout(relieve, Math.max(1, response.since + stalledMs - clock()));
        timer.unref();
        return;
      }
    }
  };

  const relieve = () => {
    timer = undefined;
    const stalledSince = clock() - stalledMs;
    for (const response of responses) {
      if (response.since > stalledSince || !isShort()) {
        break;
      }
      if (!response.leaving) {
        response.leaving = true;
        leaving[response.reader] += response.bytes;
        response.giveUp();
      }
    }
    watch();
  };

  const letIn = (reader: Reader) => {
    for (const turn of waiting[reader]) {
      if (!hasRoom(reader)) {
        return;
      }
      waiting[reader].delete(turn);
      turn();
    }
  };

  return {
    hasRoom,
    get load() {
      return { bytes: bytes.proven + bytes.new, waiting: waiting.proven.size + waiting.new.size };
    },
    begin(reader, size, giveUp) {
      const response: Response = { reader, bytes: size, since: clock(), giveUp, leaving: false };
      responses.add(response);
      bytes[reader] += size;
      return () => {
        if (responses.delete(response)) {
          bytes[reader] -= size;
          if (response.leaving) {
            leaving[reader] -= size;
          }
          letIn('proven');
          letIn('new');
          clearTimeout(timer);
          timer = undefined;
          watch();
        }
      };
    },
    wait(reader, turn) {
      waiting[reader].add(turn);
      watch();
      return () => {
        waiting[reader].delete(turn);
      };
    },
  };
}
