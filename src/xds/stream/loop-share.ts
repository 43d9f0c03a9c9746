import { performance } from 'node:perf_hooks';

/**
 * What newcomers may take of the event loop. A relay that is busy for all of its time makes everybody wait at each turn of the
 * loop, and a change takes several; so where others are served, a crowd gets a part of the time, however long it then takes.
 */
export interface LoopShare {
  /** Whether there is anybody whom newcomers could keep waiting; where there is nobody, all of the time is theirs. */
  readonly isShared: boolean;
  /**
   * Calls back when a newcomer may be attended to, in another turn of the event loop; in the order of the calls, and one
   * at a time, for what somebody takes is known only afterwards.
   */
  whenOpen(work: () => void): void;
}

/** Milliseconds since any time. */
export interface LoopTimes {
  /** In which the loop had something to do. */
  readonly active: number;
  /** In which it had not. */
  readonly idle: number;
  /** For which processors worked for the process. */
  readonly processor: number;
}

export interface LoopShareOptions {
  /** How much of its time the loop may be busy, of 1, while newcomers are attended to. */
  readonly share: number;
  /** See {@link LoopShare.isShared}. */
  readonly isShared: () => boolean;
  /** Milliseconds after which one who waits is attended to although others alone make the loop busy; 10 unless told. */
  readonly patienceMs?: number;
  /** The times of this process unless told. */
  readonly times?: () => LoopTimes;
  /** Calls back after some milliseconds; `setTimeout` unless told. */
  readonly later?: (work: () => void, milliseconds: number) => void;
  /** Calls back in the next turn of the event loop; `setImmediate` unless told. */
  readonly nextTurn?: (work: () => void) => void;
}

/** Milliseconds between two looks. A timer lets the loop be idle, which waiting for its next turn does not. */
const lookMs = 1;
/** Milliseconds that may be saved up, and that are remembered of a time that was too busy. */
const maxSavedMs = 5;
const maxOwedMs = 100;

function processTimes(): LoopTimes {
  const { active, idle } = performance.eventLoopUtilization();
  const { user, system } = process.cpuUsage();
  return { active, idle, processor: (user + system) / 1000 };
}

/** Makes a {@link LoopShare}, which goes by how busy the loop was in the last moments, whoever it was busy for. */
export function createLoopShare(options: LoopShareOptions): LoopShare {
  const {
    share,
    isShared,
    patienceMs = 10,
    times = processTimes,
    later = setTimeout,
    nextTurn = setImmediate,
  } = options;
  const waiting: (() => void)[] = [];
  let last = times();
  /** Milliseconds that the loop was busy beyond its share. */
  let owedMs = 0;
  let comes = false;
  /** When somebody who waited was attended to, or began to wait for it. */
  let since = 0;

  const reckon = () => {
    if (!isShared()) {
      return;
    }
    const at = times();
    const active = at.active - last.active;
    const passed = active + at.idle - last.idle;
    // A loop that has something to do and no processor to do it, as on a crowded machine, would not do more if it had less.
    const busy = Math.min(active, at.processor - last.processor);
    last = at;
    owedMs = Math.min(maxOwedMs, Math.max(-maxSavedMs, owedMs + busy - passed * share));
  };

  const now = () => last.active + last.idle;

  const look = () => {
    comes = false;
    reckon();
    if (owedMs <= 0 || !isShared() || now() - since >= patienceMs) {
      since = now();
      waiting.shift()?.();
    }
    awaitLook();
  };

  const awaitLook = () => {
    if (waiting.length > 0 && !comes) {
      comes = true;
      if (isShared()) {
        later(look, lookMs);
      } else {
        nextTurn(look);
      }
    }
  };

  return {
    get isShared() {
      return isShared();
    },
    whenOpen(work) {
      if (waiting.length === 0) {
        reckon();
        since = now();
      }
      waiting.push(work);
      awaitLook();
    },
  };
}
