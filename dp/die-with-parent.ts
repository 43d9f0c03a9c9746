import { resolveProgram } from './envoy-binary.ts';

/**
 * The command that runs a program so that the kernel sends it a signal when this process dies without a chance to end it
 * itself. On Linux with `setpriv` (util-linux); elsewhere it is the program alone.
 */
export function dieWithParent(
  signal: 'TERM' | 'KILL',
  program: string,
  args: readonly string[],
): { readonly program: string; readonly args: readonly string[] } {
  const guard = process.platform === 'linux' ? resolveProgram('setpriv', process.env.PATH) : undefined;
  return guard === undefined
    ? { program, args }
    : { program: guard, args: ['--pdeathsig', signal, '--', program, ...args] };
}
