import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { envoyPath } from '../../dev/tools/envoy.ts';

/**
 * Runs once before all tests: what they spawn must have been built, and where Envoy is missing that is said once, at the top.
 * Everything slow belongs to `npm run pretest`.
 */
export default function setup(): void {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  }
  try {
    envoyPath();
  } catch (error) {
    process.stderr.write(
      `Tests with real proxies will fail: ${error instanceof Error ? error.message : error}\n`,
    );
  }
}
