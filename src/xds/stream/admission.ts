import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { type Door, noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import { createFairLine } from './fair-line.ts';
import type { LoopShare } from './loop-share.ts';

export interface AdmissionOptions {
  /** What it is the door of, for who counts. */
  readonly door: Door;
  /** How many run at once. */
  readonly concurrency: number;
  /** How many may wait, where they are all of one tenant; of several, each may have its share of that. */
  readonly queue: number;
  /** Bytes that those who wait may hold together, and one of each known tenant beyond that. */
  readonly queueBytes: number;
  /** Milliseconds that one may be expected to wait; who would wait longer is refused at once, not late. */
  readonly maxWaitMs: number;
  /** Whether anybody was let in as the tenant's before. */
  readonly isKnown: (tenant: string) => boolean;
  /** What those who come may take of the event loop; all of it unless told. */
  readonly loopShare?: LoopShare;
  /** A clock in milliseconds that only goes forward. */
  readonly clock: Clock;
  /** From 0 to below 1; `Math.random` unless told. */
  readonly random?: () => number;
  readonly telemetry?: Pick<Telemetry, 'queue' | 'admitted' | 'turnedAway'>;
}

/** Somebody who wants in. */
export interface Visitor {
  /** As whose proxy it comes; that is not proved before it is in. */
  readonly tenant: string;
  /** What it holds while it waits. */
  readonly bytes: number;
  /** Whether it has gone meanwhile: it is passed over then. */
  hasGone(): boolean;
}

/**
 * Lets in as many at once as can be served; the rest wait in line, or are told to come back. Tenants take turns; those of
 * whom nobody was let in so far take turns for the share of one, so that inventing tenants wins nothing.
 */
export interface Admission {
  /**
   * Runs `work` when it is the visitor's turn.
   *
   * @throws KumulusError `unavailable`, with `retryAfterSeconds` where there is too much already.
   */
  run<Result>(visitor: Visitor, work: () => Promise<Result>): Promise<Result>;
  /** How many run and wait now. */
  readonly load: { readonly running: number; readonly waiting: number };
}

interface Waiting {
  readonly visitor: Visitor;
  readonly enter: () => void;
}

/** How much the newest measurement moves the average of what one takes. */
const weight = 0.1;

/** Makes an {@link Admission} that measures how long one takes. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { door, concurrency, queue, queueBytes, maxWaitMs, loopShare, clock, random = Math.random } = options;
  const telemetry = options.telemetry ?? noTelemetry;
  const line = createFairLine<Waiting>(
    ({ visitor }) => (options.isKnown(visitor.tenant) ? visitor.tenant : ''),
    ({ visitor }) => visitor.tenant,
  );
  let running = 0;
  let bytesWaiting = 0;
  let averageMs = 0;
  /** When somebody left while others waited, and the average of the milliseconds between two of them. */
  let lastLeft: number | undefined;
  let intervalMs = 0;
  let awaitsShare = false;
  telemetry.queue(door, () => line.size);

  /** Those who are told the same time are told different ones, up to twice what it would take, so as not to come back together. */
  const comeBack = (waitMs: number) => {
    const retryAfterSeconds = Math.max(1, Math.ceil((waitMs * (1 + random())) / 1000));
    telemetry.turnedAway(door, retryAfterSeconds);
    return new KumulusError('unavailable', `the relay is busy, come back in ${retryAfterSeconds} s`, {
      retryAfterSeconds,
    });
  };

  const queueUp = (visitor: Visitor): Promise<void> =>
    new Promise((enter, reject) => {
      const waiting = { visitor, enter };
      const { ahead, own, share } = line.placeOf(waiting);
      const waitMs = (ahead + 1) * Math.max(averageMs / concurrency, intervalMs);
      const mayBeHeavy = own === 0 && options.isKnown(visitor.tenant);
      const isHeavy = bytesWaiting + visitor.bytes > queueBytes && !mayBeHeavy;
      if (isHeavy || own + 1 > queue * share || waitMs > maxWaitMs) {
        reject(comeBack(waitMs));
        return;
      }
      bytesWaiting += visitor.bytes;
      line.push(waiting);
    });

  const turn = async (visitor: Visitor): Promise<void> => {
    if (running < concurrency && line.size === 0 && loopShare?.isShared !== true) {
      running += 1;
      telemetry.admitted(door, 0);
      return;
    }
    const since = clock();
    const queued = queueUp(visitor);
    letIn();
    await queued;
    telemetry.admitted(door, clock() - since);
  };

  /** Lets in those whose turn it is, one at a time where there is a share to be kept to. */
  const letIn = () => {
    while (running < concurrency && line.size > 0 && !awaitsShare) {
      if (loopShare?.isShared === true) {
        awaitsShare = true;
        loopShare.whenOpen(() => {
          awaitsShare = false;
          enterNext();
          letIn();
        });
        return;
      }
      enterNext();
    }
  };

  const enterNext = () => {
    const next = line.shift();
    if (next !== undefined) {
      running += 1;
      bytesWaiting -= next.visitor.bytes;
      next.enter();
    }
  };

  /** The place goes to the next in line, so that nobody who comes now is faster. */
  const leave = () => {
    running -= 1;
    const now = clock();
    if (line.size === 0) {
      lastLeft = undefined;
      intervalMs = 0;
      return;
    }
    if (lastLeft !== undefined) {
      intervalMs += (now - lastLeft - intervalMs) * weight;
    }
    lastLeft = now;
    letIn();
  };

  return {
    get load() {
      return { running, waiting: line.size };
    },
    async run(visitor, work) {
      await turn(visitor);
      try {
        if (visitor.hasGone()) {
          throw new KumulusError('unavailable', 'the caller has gone');
        }
        const start = clock();
        try {
          return await work();
        } finally {
          averageMs += (clock() - start - averageMs) * weight;
        }
      } finally {
        leave();
      }
    },
  };
}
