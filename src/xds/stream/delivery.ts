import { KumulusError } from '../../model/errors.ts';
import type { BytesCall } from './bytes-call.ts';
import type { Reader, Unsent } from './unsent.ts';

/** How long a response may wait for its reader. */
export interface DeliveryLimits {
  readonly unsent: Unsent;
  /** Milliseconds in which a response must be read, whatever its size. */
  readonly readMs: number;
  /** A response of so many bytes has a second more. */
  readonly readBytesPerSecond: number;
}

export interface DeliveryDeps {
  readonly call: BytesCall;
  readonly limits: DeliveryLimits;
  /** Makes the next response; undefined where nothing is to be said now. */
  readonly next: () => Buffer | undefined;
  /** Ends the stream, for what `next` threw. */
  readonly end: (reason: unknown) => void;
  /** Ends the stream of a proxy that does not read, not even that. */
  readonly cut: (reason: KumulusError) => void;
}

/** What one stream writes: one response at a time, made when there is room for it. */
export interface Delivery {
  /** Writes the next response, unless one is being written or waits for room. Never throws. */
  pump(): void;
  /** Writes no more. What was written counts until the call is closed. */
  stop(): void;
}

/** Milliseconds that a slow reader may take for so many bytes; in full seconds, so that timers can share a list. */
export function readingMs(bytes: number, { readBytesPerSecond }: DeliveryLimits): number {
  return Math.floor(bytes / readBytesPerSecond) * 1000;
}

/** Makes the writing half of a stream. A reader that does not read costs one response, and for a bounded time. */
export function createDelivery({ call, limits, next, end, cut }: DeliveryDeps): Delivery {
  let stopped = false;
  let written: (() => void) | undefined;
  let stopWaiting: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reader: Reader = 'new';

  const stalled = (bytes: number) =>
    cut(new KumulusError('unavailable', `a response of ${bytes} bytes was not read in time, connect again`));

  const done = () => {
    clearTimeout(timer);
    written?.();
    written = undefined;
  };

  const write = (bytes: Buffer) => {
    const { length } = bytes;
    written = limits.unsent.begin(reader, length, () => stalled(length));
    timer = setTimeout(() => stalled(length), limits.readMs + readingMs(length, limits));
    call.write(bytes, () => {
      reader = 'proven';
      done();
      pump();
    });
  };

  const pump = () => {
    if (stopped || written !== undefined || stopWaiting !== undefined) {
      return;
    }
    if (!limits.unsent.hasRoom(reader)) {
      stopWaiting = limits.unsent.wait(reader, () => {
        stopWaiting = undefined;
        pump();
      });
      return;
    }
    try {
      const bytes = next();
      if (bytes !== undefined) {
        write(bytes);
      }
    } catch (error) {
      end(error);
    }
  };

  call.on('close', done);

  return {
    pump,
    stop() {
      stopped = true;
      clearTimeout(timer);
      stopWaiting?.();
      stopWaiting = undefined;
    },
  };
}
