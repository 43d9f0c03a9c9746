import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzzDocument, type Json } from './fuzz-document.ts';
import type { FuzzOptions } from './options.ts';
import { type Phase, type RunReport, runSchemathesis } from './schemathesis-run.ts';
import { type Caller, startFuzzTarget } from './targets.ts';

/** What was sent, and what came of it. */
export interface FuzzReport {
  readonly requests: number;
  readonly seconds: number;
  /** Answers by status. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly slowest: RunReport['slowest'];
  /** What should not have been, in words; empty where all was as the document says. */
  readonly findings: readonly string[];
}

/** From here on there is time for the phase that tries every bound of every schema once, some 100 requests an endpoint. */
const thoroughFrom = 10_000;

interface Pass {
  readonly phases: readonly Phase[];
  /** For each endpoint, in relation to the others. */
  readonly share: number;
}

/** Administrators get furthest; of the others it is enough to see what they are refused. */
const passes: Readonly<Record<Caller['name'], Pass>> = {
  administrator: { phases: ['examples', 'fuzzing', 'stateful'], share: 0.75 },
  anonymous: { phases: ['fuzzing'], share: 0.25 },
  operator: { phases: ['fuzzing', 'stateful'], share: 1.5 },
};

/** Starts a control plane, fuzzes it as each of its callers, and stops it. */
export async function fuzz(options: FuzzOptions, say: (line: string) => void): Promise<FuzzReport> {
  const started = performance.now();
  const target = await startFuzzTarget(options.engine);
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-fuzz-reports-'));
  const statuses = new Map<string, number>();
  const findings: string[] = [];
  let slowest: RunReport['slowest'] = { seconds: 0, request: '' };
  try {
    const endpoints = Math.max(...target.callers.map(({ document }) => endpointsOf(document)));
    for (const caller of target.callers) {
      const report = await runAs(caller, options, endpoints, join(folder, caller.name));
      for (const [status, count] of Object.entries(report.statuses)) {
        statuses.set(status, (statuses.get(status) ?? 0) + count);
      }
      slowest = report.slowest.seconds > slowest.seconds ? report.slowest : slowest;
      say(`${caller.name}: ${sum(Object.values(report.statuses))} requests, ${report.findings} findings`);
      if (report.findings > 0) {
        findings.push(`as ${caller.name}:\n${report.text}`);
      }
    }
  } finally {
    await target.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  findings.push(...target.complaints.map((line) => `the server said: ${line}`));
  const seconds = (performance.now() - started) / 1000;
  return { requests: sum(statuses.values()), seconds, statuses, slowest, findings };
}

async function runAs(
  caller: Caller,
  { requests, seed }: FuzzOptions,
  endpoints: number,
  folder: string,
): Promise<RunReport> {
  const { phases, share } = passes[caller.name];
  return runSchemathesis({
    folder,
    document: fuzzDocument(caller.document),
    url: caller.url,
    headers: caller.headers,
    phases: requests < thoroughFrom ? phases : ['coverage', ...phases],
    examples: Math.max(1, Math.ceil((requests * share) / endpoints)),
    seed,
  });
}

function endpointsOf({ paths }: Json): number {
  return sum(Object.values(Object(paths)).map((methods) => Object.keys(Object(methods)).length));
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}
