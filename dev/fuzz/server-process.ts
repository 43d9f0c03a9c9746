import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A server as a process of its own, which says in a line of JSON when it is ready and logs in such lines. */
export interface ServerProcess {
  /** What it said when it was ready. */
  readonly ready: unknown;
  /** The lines of its log that tell of errors, and whatever else it says. */
  readonly complaints: readonly string[];
  stop(): Promise<void>;
}

/** @throws Error with what the server said where it ends before it is ready. */
export async function startServerProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, KUMULUS_LOG_LEVEL: 'error', ...environment },
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'close');
  const complaints: string[] = [];
  let stopping = false;
  const ready = await new Promise<unknown>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = parsed(line);
      if (Object(said).event === 'ready') {
        resolve(said);
      } else {
        complaints.push(line);
      }
    });
    createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
    void ended.then(([code]) => {
      if (!stopping) {
        complaints.push(`the server ended with code ${code}`);
      }
      reject(new Error(`the server ended: ${complaints.join('\n')}`));
    });
  });
  return {
    ready,
    complaints,
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      await ended;
      process.removeListener('exit', kill);
    },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
