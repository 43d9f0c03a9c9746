import { spawn } from 'node:child_process';
import { KumulusError } from '../../src/model/errors.ts';
import { installOsls, oslsCommand } from '../tools/osls.ts';

export interface OslsRun {
  readonly root: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs osls on `serverless.yml`; it tells its progress itself. Throws KumulusError `unavailable` where it fails. */
export async function runOsls({ root, args, env: more }: OslsRun): Promise<void> {
  installOsls(root);
  const { program, args: all, env } = oslsCommand(root, args);
  const child = spawn(program, all, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, ...more },
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) {
    throw new KumulusError(
      'unavailable',
      `osls ${args[0] ?? ''} ended with ${code ?? 'a signal'}; what it says is above`,
    );
  }
}
