import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const program = (file: string, event: string) => `
const start = performance.now();
const { handler } = await import(${JSON.stringify(`file://${file}`)});
const loaded = performance.now();
const answer = await handler(${event});
process.stdout.write(JSON.stringify({ load: loaded - start, answer: performance.now() - loaded, status: answer.statusCode }));
process.exit(0);
`;

/** Milliseconds of a cold start: loading the function, and its first answer. */
export interface ColdStart {
  readonly load: number;
  readonly answer: number;
  readonly status: number;
}

/** What a failed program said, without the line of a minified bundle that Node shows with it. */
function briefly(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => line.length < 500)
    .join('\n')
    .trim()
    .slice(0, 2_000);
}

/** Starts a process of its own that loads the bundle and has it answer one event. */
export async function coldStart(
  file: string,
  event: unknown,
  environment: Readonly<Record<string, string>>,
): Promise<ColdStart> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', program(file, JSON.stringify(event))],
    { env: { ...process.env, ...environment } },
  ).catch((cause: { stderr?: string }) => {
    throw new Error(`the function did not start: ${briefly(cause.stderr ?? '')}`);
  });
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as ColdStart;
}
