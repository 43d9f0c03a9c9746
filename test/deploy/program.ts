import { execFile } from 'node:child_process';

/** What a program said, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs one of the built programs to its end. */
export function program(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env, maxBuffer: 1 << 26 };
    execFile(process.execPath, [file, ...args], options, (error, output, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output, errors }),
    );
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
