import type { Logger } from '../src/model/ports.ts';
import type { EnvoyAdmin } from './envoy-admin.ts';
import { type EnvoyProcess, exitCode } from './envoy-process.ts';
import type { ReadinessReporter } from './readiness.ts';
import { aborted, type StopSignals } from './stop-signals.ts';

/** What is watched over, and what decides its end. Times in milliseconds. */
export interface Supervised {
  readonly envoy: EnvoyProcess;
  readonly admin: EnvoyAdmin;
  readonly readiness: ReadinessReporter;
  readonly signals: StopSignals;
  readonly drainTime: number;
  readonly log: Logger;
  /** Waits; ends early without an error when the signal does. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Waits for Envoy's end. Told to stop, it drains first: readiness and health checks fail, clients are asked to leave, and
 * when the drain time is over Envoy is stopped. A second signal skips the rest of the wait.
 *
 * @returns the exit code that tells Envoy's fate.
 */
export async function supervise(parts: Supervised): Promise<number> {
  const { envoy, log, signals } = parts;
  let drained = false;
  signals.drain.addEventListener('abort', () => {
    drained = true;
    void drainListeners(parts);
  });
  const over = new AbortController();
  void envoy.exited.then(() => over.abort());
  await Promise.race([envoy.exited, aborted(signals.graceful)]);
  if (!over.signal.aborted) {
    parts.readiness.terminating();
    if (!drained && (await drain(parts))) {
      log.info('draining connections', { seconds: parts.drainTime / 1_000 });
      await parts.wait(parts.drainTime, AbortSignal.any([over.signal, signals.immediate]));
    }
    if (!over.signal.aborted) {
      log.info('stopping Envoy');
      envoy.stop();
    }
  }
  const fate = await envoy.exited;
  const asked = signals.graceful.aborted;
  log[asked ? 'info' : 'error'](
    'Envoy ended',
    fate.signal === null ? { code: fate.code } : { signal: fate.signal },
  );
  return exitCode(fate);
}

/** Whether Envoy heard of it; one that does not listen yet has nothing to drain. */
async function drain(parts: Supervised): Promise<boolean> {
  try {
    await parts.admin.failHealthchecks();
  } catch (error) {
    parts.log.warn('cannot drain connections', {
      reason: error instanceof Error ? error.message : 'unknown',
    });
    return false;
  }
  await drainListeners(parts);
  return true;
}

async function drainListeners(parts: Supervised): Promise<void> {
  try {
    await parts.admin.drainListeners();
  } catch (error) {
    parts.log.warn('cannot drain listeners', { reason: error instanceof Error ? error.message : 'unknown' });
  }
}
