import { join } from 'node:path';
import { resolveProgram } from '../../dp/envoy-binary.ts';
import { projectRoot } from '../../dp/project-root.ts';
import { KumulusError } from '../../src/model/errors.ts';
import type { Command } from './ministack.ts';
import { hasPythonPackage, type PythonPackage, packageFolder } from './python-packages.ts';

/** Sends requests made up from an OpenAPI document and checks the answers against it, MIT. */
export const schemathesisPackage: PythonPackage = {
  name: 'schemathesis',
  version: '4.32.5',
  title: 'Schemathesis',
  otherwise: 'use Python 3.11 or newer, or set SCHEMATHESIS_PATH to a schemathesis 4',
  // It brings other versions of what ministack needs, too.
  folder: 'schemathesis',
};

/**
 * How to start schemathesis: `SCHEMATHESIS_PATH`, else the one in the project's cache.
 *
 * @throws KumulusError `not_found` where neither is there; `npm run pretest` installs it.
 */
export function schemathesisCommand(env: NodeJS.ProcessEnv): Command {
  const asked = env.SCHEMATHESIS_PATH ?? '';
  if (asked !== '') {
    const program = resolveProgram(asked, env.PATH);
    if (program !== undefined) return { program, args: [], env: {} };
    throw new KumulusError('not_found', `no schemathesis at ${asked} (from SCHEMATHESIS_PATH)`);
  }
  const root = projectRoot();
  if (root === undefined || !hasPythonPackage(schemathesisPackage, root)) {
    throw new KumulusError('not_found', 'no schemathesis: run `npm run pretest`, or set SCHEMATHESIS_PATH');
  }
  const folder = packageFolder(schemathesisPackage, root);
  return { program: 'python3', args: [join(folder, 'bin', 'schemathesis')], env: { PYTHONPATH: folder } };
}
