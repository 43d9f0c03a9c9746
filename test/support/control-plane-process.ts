import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const readySchema = z.object({ api: z.string(), dp: z.string(), ca: z.string() });

/** A local server as a process of its own, on free ports and a folder of its own. */
export interface ControlPlaneProcess {
  /** Such as `http://localhost:40123`. */
  readonly api: string;
  readonly dp: string;
  readonly ca: string;
  stop(): Promise<void>;
  /** Ends it without a warning and leaves its folder, for another one to go on with. */
  kill(): Promise<void>;
}

/**
 * @param data the folder of one that was killed; a new one unless told.
 * @throws Error with what the server said where it ends before it is ready.
 */
export async function startControlPlaneProcess(
  environment: Readonly<Record<string, string>> = {},
  data = mkdtempSync(join(tmpdir(), 'kumulus-server-')),
): Promise<ControlPlaneProcess> {
  const child = spawn(
    process.execPath,
    ['dist/dev/main.js', '--api-port', '0', '--dp-port', '0', '--data', data, '--output', 'json'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    return { ...readySchema.parse(JSON.parse(line)), stop, kill };
  }
  throw new Error(`the server ended: ${errors}`);
}
