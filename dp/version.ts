import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.ts';

/** Kumulus's own version, from its package.json; `unknown` where the program was taken out of its package. */
export const version: string = readVersion(projectRoot());

/** The version of Kuma whose protocol and API this is; what proxies announce, because tools compare it. */
export const kumaVersion = '2.13.10';

function readVersion(root: string | undefined): string {
  if (root === undefined) return 'unknown';
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
