import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KumulusError } from '../../src/model/errors.ts';
import type { Command } from './ministack.ts';

const manifest = 'package.json';
const lock = 'package-lock.json';

/** Where it is installed, and what npm writes there last. */
const folderOf = (root: string) => join(root, '.cache/osls');
const isWhole = (folder: string) => existsSync(join(folder, 'node_modules/.package-lock.json'));

function isCurrent(folder: string, source: string): boolean {
  const installed = join(folder, lock);
  return (
    isWhole(folder) &&
    existsSync(installed) &&
    readFileSync(installed).equals(readFileSync(join(source, lock)))
  );
}

/**
 * Installs osls, the Serverless Framework's free fork, unless it is there: as `infra/osls/package-lock.json` says to the last
 * package, for what deploys is pinned like what is deployed. No package runs a script of its own.
 *
 * @param root the project's folder
 * @throws KumulusError `unavailable` where it cannot be installed.
 */
export function installOsls(root: string): void {
  const folder = folderOf(root);
  const source = join(root, 'infra/osls');
  if (isCurrent(folder, source)) return;
  mkdirSync(folder, { recursive: true });
  for (const file of [manifest, lock]) {
    copyFileSync(join(source, file), join(folder, file));
  }
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (cause) {
    throw new KumulusError('unavailable', 'osls could not be installed from the npm registry', { cause });
  }
}

/** How to run osls on `serverless.yml`, once it is installed; such as with `package --stage dev`. */
export function oslsCommand(root: string, args: readonly string[]): Command {
  return {
    program: process.execPath,
    args: [join(folderOf(root), 'node_modules/osls/bin/serverless.js'), ...args],
    env: { SLS_NOTIFICATIONS_MODE: 'off', NODE_NO_WARNINGS: '1' },
  };
}
