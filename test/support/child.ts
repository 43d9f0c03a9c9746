import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A program that a test started, with all that it said. */
export interface Child {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Fulfilled with the first output so far, of either stream, that the pattern is found in; rejected when the program ends before. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Fulfilled with how it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Stops to read its output, as a pager that was left does. */
  readonly closeOutput: () => void;
}

/** Starts a program; it gets SIGKILL when the test that started it ends, unless `keep` says that the caller ends it. */
export function startChild(
  program: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly keep?: boolean } = {},
): Child {
  const child = spawn(program, args, {
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('error', () => resolve({ code: 127, signal: null }));
  });
  if (options.keep !== true) {
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
  }
  return {
    pid: child.pid ?? 0,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    says: (pattern) => output.waitFor(pattern, ended),
    ended,
    kill: (signal) => child.kill(signal),
    closeOutput() {
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

/** The environment without what would change how the programs under test behave. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KUMA_')));
}

function collect(child: ChildProcessByStdio<null, Readable, Readable>) {
  const listeners = new Set<() => void>();
  const output = {
    stdout: '',
    stderr: '',
    waitFor(pattern: RegExp, ended: Promise<unknown>): Promise<RegExpExecArray> {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
          if (found === null) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
        void ended.then(() => {
          look();
          reject(new Error(`ended without ${pattern}:\n${output.stdout}\n${output.stderr}`));
        });
      });
    },
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      output[name] += text;
      for (const listener of listeners) listener();
    });
  }
  return output;
}
