import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder that holds Kumulus's package.json, found upwards from this code: the same answer from the sources and from
 * the bundles in dist/. Undefined where the code was taken out of its package.
 */
export function projectRoot(from: string = dirname(fileURLToPath(import.meta.url))): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && isOurs(readFileSync(manifest, 'utf8'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function isOurs(manifest: string): boolean {
  const parsed: unknown = JSON.parse(manifest);
  return typeof parsed === 'object' && parsed !== null && 'name' in parsed && parsed.name === 'kumulus';
}
