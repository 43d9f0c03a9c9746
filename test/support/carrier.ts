import type { Socket } from 'node:net';

/** How one way of a link is. */
export interface Condition {
  /** Milliseconds that everything is late. */
  readonly latencyMs?: number;
  /** Bytes that are carried in a second; as many as come unless told. */
  readonly bytesPerSecond?: number;
  /** Milliseconds that the end of the connection is late. */
  readonly endDelayMs?: number;
  /** Nothing is read, so nothing is carried, no end either. */
  readonly silent?: boolean;
}

/** One way of one connection. */
export interface Carrier {
  readonly silent: boolean;
  set(condition: Condition): void;
  stop(): void;
}

/** Bytes that are read ahead of what is carried. */
const readAhead = 256 * 1024;
/** How often a way that is slow carries something, in milliseconds, where it carries more than a byte. */
const tickMs = 20;

/** Carries what one socket says to the other, in order. */
export function carry(
  from: Socket,
  to: Socket,
  initial: Condition,
  onCarried: (bytes: number) => void,
): Carrier {
  let condition = initial;
  let stopped = false;
  let queuedBytes = 0;
  let wake: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Undefined is the end. */
  const queue: { readonly due: number; readonly bytes: Buffer | undefined }[] = [];

  const read = () => {
    if (condition.silent === true || queuedBytes > readAhead) {
      from.pause();
    } else {
      from.resume();
    }
  };

  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });

  /** Resolves when there may be something to do. */
  const change = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });

  const write = (bytes: Buffer) =>
    new Promise<void>((resolve) => {
      to.write(bytes, () => resolve());
    });

  /** Writes a piece as quickly as the way allows; gives back what is left of it. */
  const carryPiece = async (bytes: Buffer): Promise<Buffer> => {
    const { bytesPerSecond } = condition;
    const most =
      bytesPerSecond === undefined ? bytes.length : Math.max(1, Math.floor((bytesPerSecond * tickMs) / 1000));
    const piece = bytes.subarray(0, most);
    await write(piece);
    queuedBytes -= piece.length;
    onCarried(piece.length);
    if (bytesPerSecond !== undefined) {
      await pause((piece.length * 1000) / bytesPerSecond);
    }
    return bytes.subarray(most);
  };

  const run = async () => {
    while (!stopped) {
      const first = queue[0];
      if (first === undefined || condition.silent === true) {
        await change();
        continue;
      }
      const wait = first.due - performance.now();
      if (wait > 0) {
        await pause(wait);
      } else if (first.bytes === undefined) {
        to.end();
        return;
      } else {
        const left = await carryPiece(first.bytes);
        if (left.length > 0) {
          queue[0] = { due: 0, bytes: left };
        } else {
          queue.shift();
        }
        read();
      }
    }
  };

  const take = (bytes: Buffer | undefined, delayMs: number) => {
    queue.push({ due: performance.now() + delayMs, bytes });
    wake?.();
  };

  from.on('error', () => {});
  from.on('data', (bytes: Buffer) => {
    queuedBytes += bytes.length;
    take(bytes, condition.latencyMs ?? 0);
    read();
  });
  from.on('end', () => take(undefined, (condition.latencyMs ?? 0) + (condition.endDelayMs ?? 0)));
  read();
  void run();

  return {
    get silent() {
      return condition.silent === true;
    },
    set(next) {
      condition = next;
      read();
      wake?.();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      wake?.();
    },
  };
}
