import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KumulusError } from '../src/model/errors.ts';

/** What `envoy --version` says. */
export interface EnvoyVersion {
  /** Such as `1.36.4`. */
  readonly version: string;
  /** Revision, version, state of the sources, kind of build and TLS library, with slashes between them. */
  readonly build: string;
  /** Whether it is of the release series that the control plane's configuration is made for. */
  readonly compatible: boolean;
}

/** The series of Envoy that Kuma 2.13 ships with. */
const expectedSeries = '1.36';

/**
 * Asks Envoy for its version.
 *
 * @throws KumulusError `not_found` where the program does not run, or is not Envoy.
 */
export async function readEnvoyVersion(path: string): Promise<EnvoyVersion> {
  const output = await promisify(execFile)(path, ['--version'], { timeout: 15_000 }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      const why = error instanceof Error ? error.message.split('\n')[0] : 'it failed';
      throw new KumulusError('not_found', `cannot run Envoy at ${path}: ${why}`);
    },
  );
  const build = /version:\s*(\S+)/.exec(output)?.[1] ?? '';
  const version = build.split('/')[1];
  if (version === undefined || build.split('/').length !== 5) {
    throw new KumulusError('not_found', `${path} is not Envoy: --version printed no build`);
  }
  return { version, build, compatible: version.startsWith(`${expectedSeries}.`) };
}
