import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dieWithParent } from '../../dp/die-with-parent.ts';
import { exitCode, type Fate } from '../../dp/envoy-process.ts';

/** A program to run beside this one. */
export interface ChildOptions {
  /** For messages, and the name of its log. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether a second signal ends it sooner, as it does a proxy that drains. */
  readonly hurry?: boolean;
}

/** A running program. Its output goes to its log. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Hears every whole line of standard output. */
  onLine(listener: (line: string) => void): void;
  /** Fulfilled with its exit code. */
  readonly ended: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

/** Programs that live no longer than this one. */
export interface Children {
  /** @throws Error once the end has begun. */
  start(options: ChildOptions): Child;
  /** Ends all that still run, the ones started last first; those that do not end within five seconds are killed. */
  stopAll(): Promise<void>;
}

const killAfter = 5_000;

/** @param logFolder Where the logs go; it is made. */
export function createChildren(logFolder: string): Children {
  const running = new Map<Child, ChildOptions>();
  let ending = false;
  mkdirSync(logFolder, { recursive: true });
  return {
    start(options) {
      if (ending) throw new Error(`${options.name} is not started any more`);
      const child = startChild(options, join(logFolder, `${options.name}.log`));
      running.set(child, options);
      void child.ended.then(() => running.delete(child));
      return child;
    },
    async stopAll() {
      ending = true;
      for (const [child, { hurry }] of [...running].reverse()) await stop(child, hurry === true);
    },
  };
}

async function stop(child: Child, hurry: boolean): Promise<void> {
  child.kill('SIGTERM');
  if (hurry) child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
  await child.ended;
  clearTimeout(timer);
}

function startChild(options: ChildOptions, logFile: string): Child {
  const log = createWriteStream(logFile, { flags: 'a' });
  const command = dieWithParent('TERM', options.program, options.args);
  const child = spawn(command.program, command.args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C reaches this process alone, which ends the others in order.
    detached: true,
  });
  const listeners: ((line: string) => void)[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    log.write(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) for (const listener of listeners) listener(line);
  });
  child.stderr.on('data', (data: Buffer) => log.write(data));
  const ended = new Promise<number>((resolve) => {
    const end = (fate: Fate) => log.end(() => resolve(exitCode(fate)));
    child.once('error', (error) => {
      log.write(`${error.message}\n`);
      end({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => end({ code, signal }));
  });
  return {
    name: options.name,
    pid: child.pid ?? 0,
    logFile,
    onLine: (listener) => void listeners.push(listener),
    ended,
    kill: (signal) => void child.kill(signal),
  };
}
