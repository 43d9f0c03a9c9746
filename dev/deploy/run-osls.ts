import { spawn } from 'node:child_process';
import { installOsls, oslsCommand } from '../tools/osls.ts';
import { endOf } from './child-end.ts';

export interface OslsRun {
  readonly root: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type Osls = (run: OslsRun) => Promise<void>;

/**
 * Runs osls on `serverless.yml`; it tells its progress itself.
 *
 * @param signal ends it
 * @returns a function that throws KumulusError `unavailable` where osls fails, and the signal's reason where that ended it.
 */
export function createOsls(signal: AbortSignal): Osls {
  return async ({ root, args, env: more }) => {
    signal.throwIfAborted();
    installOsls(root);
    const { program, args: all, env } = oslsCommand(root, args);
    const child = spawn(program, all, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env, ...more },
    });
    await endOf(child, signal, `osls ${args[0] ?? ''}`);
  };
}
