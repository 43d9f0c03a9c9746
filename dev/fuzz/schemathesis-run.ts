import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { projectRoot } from '../../dp/project-root.ts';
import { schemathesisCommand } from '../tools/schemathesis.ts';

export type Phase = 'examples' | 'coverage' | 'fuzzing' | 'stateful';

/** One run of schemathesis. */
export interface RunRequest {
  /** Where what it needs and reports is kept. */
  readonly folder: string;
  readonly document: object;
  /** The address that the document's paths are below. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly phases: readonly Phase[];
  /** Requests that are made up for each endpoint in the phases that have no end of their own, at the most. */
  readonly examples: number;
  readonly seed: number;
}

/** What came of a run. */
export interface RunReport {
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly slowest: { readonly seconds: number; readonly request: string };
  /** The different failures and errors. */
  readonly findings: number;
  /** What schemathesis says of them, with requests that show them. */
  readonly text: string;
}

const statisticsSchema = z.object({
  statuses: z.record(z.string(), z.number()),
  slowest: z.object({ seconds: z.number(), request: z.string() }),
});

const reportSchema = z.object({
  complete: z.boolean(),
  failures: z.array(z.object({ count: z.number() })),
  errors: z.array(z.object({ count: z.number() })),
});

/** Runs schemathesis. @throws Error with what it said where it has nothing to report. */
export async function runSchemathesis(request: RunRequest): Promise<RunReport> {
  const { folder } = request;
  await mkdir(folder, { recursive: true });
  const document = join(folder, 'openapi.json');
  const statistics = join(folder, 'statistics.json');
  const report = join(folder, 'report.json');
  await writeFile(document, JSON.stringify(request.document));
  const output = await run(
    folder,
    [
      ...['--config-file', join(sources(), 'schemathesis.toml'), 'run', document, '--url', request.url],
      ...['--phases', request.phases.join(','), '--max-examples', String(request.examples)],
      ...['--seed', String(request.seed), '--no-color', '--warnings', 'off', '--report-json-path', report],
      ...Object.entries(request.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ],
    { FUZZ_STATISTICS: statistics, SCHEMATHESIS_HOOKS: join(sources(), 'hooks.py') },
  );
  try {
    const { complete, failures, errors } = reportSchema.parse(JSON.parse(await readFile(report, 'utf8')));
    const found = [...failures, ...errors].reduce((sum, { count }) => sum + count, 0);
    return {
      ...statisticsSchema.parse(JSON.parse(await readFile(statistics, 'utf8'))),
      findings: complete ? found : found + 1,
      text:
        output
          .split(/^=+ (?:FAILURES|ERRORS) =+$/m)
          .slice(1)
          .join('\n') || output.slice(-4_000),
    };
  } catch (error) {
    throw new Error(`schemathesis gave no report: ${output.slice(-4_000)}`, { cause: error });
  }
}

/** Configuration and hooks stand beside the sources of this program. */
function sources(): string {
  return join(projectRoot() ?? process.cwd(), 'dev', 'fuzz');
}

async function run(folder: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const command = schemathesisCommand(process.env);
  const child = spawn(command.program, [...command.args, ...args], {
    // It leaves a cache where it is started.
    cwd: folder,
    env: { ...process.env, ...command.env, ...environment, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await once(child, 'close');
  process.removeListener('exit', kill);
  return output;
}
