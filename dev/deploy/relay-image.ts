import { spawn } from 'node:child_process';
import { KumulusError } from '../../src/model/errors.ts';
import { endOf } from './child-end.ts';

/** Where the relays' image is made and where it goes. */
export interface ImageOrder {
  /** The project's folder. */
  readonly root: string;
  readonly region: string;
  /** The stage's repository, `<registry>/<name>`. */
  readonly repository: string;
  /** Milliseconds since 1970; tags are told apart by it, for one cannot be moved to another image. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Makes the relays' image with Docker and pushes it, with a password that the AWS CLI gets; both tell their progress themselves.
 *
 * @returns the image with its tag
 * @throws KumulusError `not_found` where one of the programs is not there, `unavailable` where one fails; the signal's reason where
 * that ended it.
 */
export async function buildImage({ root, region, repository, now, signal }: ImageOrder): Promise<string> {
  const tag = new Date(now).toISOString().slice(0, 19).replaceAll(/\D/g, '');
  const image = `${repository}:${tag}`;
  const [registry = ''] = repository.split('/');
  const run = (program: string, args: readonly string[], input = '') =>
    runProgram(program, args, { cwd: root, signal, input });
  const password = await run('aws', ['ecr', 'get-login-password', '--region', region]);
  await run('docker', ['login', '--username', 'AWS', '--password-stdin', registry], password);
  const build = ['--platform', 'linux/arm64', '--file', 'infra/Dockerfile', '--tag', image, '.'];
  await run('docker', ['build', ...build]);
  await run('docker', ['push', image]);
  return image;
}

/** Gives what it wrote to its standard output; where that is no secret, people see it, too. */
async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, signal, input }: { cwd: string; signal: AbortSignal; input: string },
): Promise<string> {
  signal.throwIfAborted();
  const isSecret = program === 'aws';
  const child = spawn(program, args, { cwd, stdio: ['pipe', isSecret ? 'pipe' : 'inherit', 'inherit'] });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  // Who ends before it has read its input is told of by its exit code.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  try {
    await endOf(child, signal, `${program} ${args[0]}`);
    return output;
  } catch (cause) {
    if (Object(cause).code !== 'ENOENT') throw cause;
    throw new KumulusError(
      'not_found',
      `there is no ${program} here: install it, or make the image elsewhere and give --image`,
      { cause },
    );
  }
}
