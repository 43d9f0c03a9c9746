import { projectRoot } from '../../dp/project-root.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { hasPythonPackage, type PythonPackage, packageFolder } from './python-packages.ts';

/** A local AWS for the tests: DynamoDB, KMS, EventBridge and more in one process, MIT. */
export const ministackPackage: PythonPackage = {
  name: 'ministack',
  version: '1.5.33',
  title: 'ministack',
  otherwise: 'set DYNAMODB_ENDPOINT to a DynamoDB that the tests may use',
};

/** A program with its arguments and the environment that it needs beside the usual one. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How to start ministack; the caller adds `BIND_HOST` and `GATEWAY_PORT` to the environment.
 *
 * @throws KumulusError `not_found` where it was not installed; `npm run pretest` does that.
 */
export function ministackCommand(): Command {
  const root = projectRoot();
  if (root === undefined || !hasPythonPackage(ministackPackage, root)) {
    throw new KumulusError('not_found', 'no ministack: run `npm run pretest`, or set DYNAMODB_ENDPOINT');
  }
  return {
    program: 'python3',
    args: ['-m', 'ministack'],
    env: { PYTHONPATH: packageFolder(ministackPackage, root) },
  };
}
