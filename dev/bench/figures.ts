import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { spreadOf } from './stats.ts';
import { type Usage, usageOf } from './usage.ts';

/** What one phase of a benchmark gave. The names of figures end in their units: `p99Ms`, `cpuSeconds`, `residentMiB`. */
export interface Phase {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** What figures are of: without it they cannot be compared. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** The commit that was measured; absent outside of a repository. */
  readonly commit?: string;
}

function commit(): Pick<Machine, 'commit'> {
  try {
    const text = execFileSync('git', ['describe', '--always', '--dirty'], {
      stdio: 'pipe',
      encoding: 'utf8',
    });
    return { commit: text.trim() };
  } catch {
    return {};
  }
}

/** This machine. */
export function machine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    ...commit(),
  };
}

const round = (value: number) => Number(value.toPrecision(3));

/** Count, p50, p99 and the longest of durations in milliseconds; the count alone where there are none. */
export function quantiles(milliseconds: readonly number[]): Readonly<Record<string, number>> {
  const spread = spreadOf(milliseconds);
  return {
    count: milliseconds.length,
    ...(spread !== undefined && {
      p50Ms: round(spread.p50),
      p99Ms: round(spread.p99),
      maxMs: round(spread.max),
    }),
  };
}

/** What a process has used since `before`, and its memory now. */
export function usedSince(pid: number, before: Usage): Readonly<Record<string, number>> {
  const { cpuSeconds, residentMiB } = usageOf(pid);
  return {
    cpuSeconds: Number((cpuSeconds - before.cpuSeconds).toFixed(2)),
    residentMiB: Math.round(residentMiB),
  };
}

const units: readonly (readonly [suffix: string, unit: string])[] = [
  ['CpuSeconds', ' CPU-s'],
  ['PerSecond', '/s'],
  ['Seconds', ' s'],
  ['MiB', ' MiB'],
  ['KiB', ' KiB'],
  ['Ms', ' ms'],
];

/** `p99Ms: 3` as `p99 3 ms`. */
function figure(name: string, value: number): string {
  if (name === 'cpuSeconds') {
    return `${value} CPU-s`;
  }
  const [suffix, unit] = units.find(([ending]) => name.endsWith(ending)) ?? ['', ''];
  const words = name
    .slice(0, name.length - suffix.length)
    .replace(/([A-Z])/g, ' $1')
    .toLowerCase();
  return `${words} ${value}${unit}`;
}

/** One line for a person. */
export function lineOf({ name, figures }: Phase): string {
  const text = Object.entries(figures).map(([key, value]) => figure(key, value));
  return `${`${name}:`.padEnd(12)} ${text.join(', ')}`;
}
