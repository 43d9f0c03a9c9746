/** How a process is told to end. */
export interface StopSignals {
  /** Aborted at the first SIGTERM or SIGINT: end gently. */
  readonly graceful: AbortSignal;
  /** Aborted at the second one: end now. */
  readonly immediate: AbortSignal;
  /** Aborted at SIGUSR2: drain now, and end at once when told to (as kuma-dp, for restarts by a supervisor). */
  readonly drain: AbortSignal;
}

/** The part of `process` that is needed. */
interface SignalEmitter {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

export function createStopSignals(emitter: SignalEmitter): StopSignals {
  const graceful = new AbortController();
  const immediate = new AbortController();
  const drain = new AbortController();
  const stop = () => (graceful.signal.aborted ? immediate : graceful).abort();
  emitter.on('SIGTERM', stop);
  emitter.on('SIGINT', stop);
  emitter.on('SIGUSR2', () => drain.abort());
  return { graceful: graceful.signal, immediate: immediate.signal, drain: drain.signal };
}

/** Fulfilled when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
