import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { installOsls } from '../../dev/tools/osls.ts';

/** What deploys, and what is deployed. */
const parts = ['package.json', 'serverless.yml', 'dist', 'functions', 'infra', 'src'];

/** The project in a folder of its own, as another checkout is: what is changed there is changed nowhere else. */
export function copyProject(folder: string): void {
  for (const part of parts) {
    cpSync(part, join(folder, part), { recursive: true });
  }
  mkdirSync(join(folder, '.cache'));
  installOsls(resolve());
  for (const shared of ['node_modules', '.cache/osls']) {
    symlinkSync(resolve(shared), join(folder, shared));
  }
}

/** Changes a text of a project. @throws Error where it is not there. */
export function change(folder: string, file: string, from: string, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) {
    throw new Error(`${file} has no ${JSON.stringify(from)}`);
  }
  writeFileSync(path, text.replace(from, to));
}

/** Writes a file of stages with one stage in it, like `dev` but for what is told. */
export function writeStages(
  file: string,
  name: string,
  differences: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): void {
  const { dev } = parse(readFileSync('infra/stages.yml', 'utf8'));
  const changed = Object.entries(differences).map(([part, more]) => [part, { ...dev[part], ...more }]);
  writeFileSync(file, stringify({ [name]: { ...dev, ...Object.fromEntries(changed) } }));
}
