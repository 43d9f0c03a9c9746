import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { KumulusError } from '../src/model/errors.ts';
import { freePort } from './tools/free-port.ts';
import { ministackCommand } from './tools/ministack.ts';

/** A running ministack, a local AWS. */
export interface Ministack {
  /** Such as `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>;
}

const attempts = 3;
const startMilliseconds = 30_000;
const patienceMilliseconds = 3_000;

/**
 * Starts ministack on a free port of this machine and waits until it answers. Nothing that it holds outlives it.
 *
 * @param environment what it and the functions that it runs have beside the usual environment
 * @throws KumulusError `not_found` where it is not installed, `unavailable` with what it said where it does not start.
 */
export async function startMinistack(environment: NodeJS.ProcessEnv = {}): Promise<Ministack> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = run(port, environment);
    const output = collect(child);
    const endpoint = `http://127.0.0.1:${port}`;
    if (await answers(child, `${endpoint}/_ministack/health`)) {
      return { endpoint, stop: () => stop(child) };
    }
    await stop(child);
    // Another program may have taken the port between its choice and the start.
    if (attempt === attempts) {
      throw new KumulusError('unavailable', `ministack did not start: ${output().slice(-2000)}`);
    }
  }
}

function run(port: number, environment: NodeJS.ProcessEnv): ChildProcess {
  const { program, args, env } = ministackCommand();
  const child = spawn(program, args, {
    env: {
      ...process.env,
      ...environment,
      ...env,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LOG_LEVEL: 'WARNING',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.removeListener('exit', kill));
  return child;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-20_000);
    });
  }
  child.on('error', (error) => {
    text += error.message;
  });
  return () => text;
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function answers(child: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + startMilliseconds;
  while (!hasEnded(child) && Date.now() < deadline) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      if (response.ok) {
        return true;
      }
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  return false;
}

/** Asks it to end, so that it removes the file with its process id, and insists after a while. */
function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (hasEnded(child)) {
      resolve();
      return;
    }
    const insist = setTimeout(() => child.kill('SIGKILL'), patienceMilliseconds);
    child.once('exit', () => {
      clearTimeout(insist);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
