import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Bundles a program of the tests, so that a process of its own can run it; it is there until the test ends. */
export async function buildProgram(source: string): Promise<string> {
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  // Inside the project, so that its dependencies are found.
  const folder = mkdtempSync(join(cache, 'test-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'program.mjs');
  await build({
    entryPoints: [join(root, source)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  return outfile;
}
