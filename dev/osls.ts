// Runs osls on serverless.yml with the arguments given: `npm run osls -- package --stage dev`.
import { spawnSync } from 'node:child_process';
import { projectRoot } from '../dp/project-root.ts';
import { isKumulusError } from '../src/model/errors.ts';
import { installOsls, oslsCommand } from './tools/osls.ts';

try {
  const root = projectRoot() ?? process.cwd();
  installOsls(root);
  const { program, args, env } = oslsCommand(root, process.argv.slice(2));
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} catch (error) {
  if (!isKumulusError(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
