import { execFile } from 'node:child_process';

/** What a program said, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs one of the built programs to its end.
 *
 * @param interruptAt what it says when it is interrupted, once, as by Ctrl-C
 */
export function program(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  interruptAt?: string,
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env, maxBuffer: 1 << 26 };
    const child = execFile(process.execPath, [file, ...args], options, (error, output, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output, errors }),
    );
    let said = '';
    child.stdout?.on('data', (text: string) => {
      const had = interruptAt === undefined || said.includes(interruptAt);
      said += text;
      if (!had && said.includes(interruptAt)) child.kill('SIGINT');
    });
  });
}

/** Runs one that has to end well; gives what it said. */
export async function succeed(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { code, output, errors } = await program(file, args, env);
  if (code !== 0) {
    throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${output}\n${errors}`);
  }
  return output;
}
