import type { ChildProcess } from 'node:child_process';
import { KumulusError } from '../../src/model/errors.ts';

/**
 * Waits for the end of a program whose output people see.
 *
 * @param signal ends it, by SIGTERM
 * @param what names it, for people to read
 * @throws KumulusError `unavailable` where it fails, the signal's reason where that ended it, what kept it from being started.
 */
export async function endOf(child: ChildProcess, signal: AbortSignal, what: string): Promise<void> {
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    if (code !== 0) {
      throw new KumulusError(
        'unavailable',
        `${what} ended with ${code ?? 'a signal'}; what it says is above`,
      );
    }
  } finally {
    signal.removeEventListener('abort', end);
  }
}
