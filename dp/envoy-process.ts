import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { KumulusError } from '../src/model/errors.ts';
import { dieWithParent } from './die-with-parent.ts';
import { forwardLines } from './lines.ts';

/** How Envoy is started. */
export interface EnvoyOptions {
  readonly program: string;
  readonly bootstrapFile: string;
  /** In milliseconds. */
  readonly drainTime: number;
  readonly logLevel: string;
  /** Envoy's `--component-log-level`, undefined without one. */
  readonly componentLogLevel: string | undefined;
  /** Worker threads; 0 leaves it to Envoy. */
  readonly concurrency: number;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface Fate {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface EnvoyProcess {
  readonly pid: number;
  /** Fulfilled when Envoy is gone and its last line was passed on. */
  readonly exited: Promise<Fate>;
  /** Asks Envoy to end, and ends it five seconds later where it did not. */
  stop(): void;
}

const killAfter = 5_000;

/** Envoy's arguments, as kuma-dp chooses them. */
export function envoyArguments(options: EnvoyOptions): string[] {
  return [
    ...['--config-path', options.bootstrapFile],
    ...['--drain-time-s', String(Math.ceil(options.drainTime / 1_000)), '--drain-strategy', 'immediate'],
    // Hot restart takes a shared memory region with an id for each Envoy of a machine; without it many can run side by side.
    '--disable-hot-restart',
    ...['--log-level', options.logLevel],
    ...(options.componentLogLevel === undefined ? [] : ['--component-log-level', options.componentLogLevel]),
    ...(options.concurrency > 0
      ? ['--concurrency', String(options.concurrency)]
      : process.platform === 'linux'
        ? ['--cpuset-threads']
        : []),
  ];
}

/**
 * Starts Envoy in a process group of its own, so that Ctrl-C in a terminal reaches only this process, which drains first.
 *
 * @throws KumulusError `not_found` where the program cannot be started.
 */
export async function startEnvoy(
  options: EnvoyOptions,
  out: { readonly stdout: (line: string) => void; readonly stderr: (line: string) => void },
): Promise<EnvoyProcess> {
  const command = dieWithParent('KILL', options.program, envoyArguments(options));
  const child = spawn(command.program, command.args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  forwardLines(child.stdout, out.stdout);
  forwardLines(child.stderr, out.stderr);
  const exited = new Promise<Fate>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new KumulusError('not_found', `cannot start Envoy at ${options.program}: ${error.message}`));
    });
  });
  return {
    pid: child.pid ?? 0,
    exited,
    stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
      timer.unref();
      child.once('close', () => clearTimeout(timer));
    },
  };
}

/** The exit code that tells another process's fate, in the shell's way: its own code, or 128 and the signal's number. */
export function exitCode(fate: Fate): number {
  return fate.signal === null ? (fate.code ?? 1) : 128 + constants.signals[fate.signal];
}
