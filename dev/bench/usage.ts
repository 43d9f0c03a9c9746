import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process has used: CPU seconds since its start, and resident memory now. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentMiB: number;
}

/** What of the resident memory is the process's own, in MiB; the rest is pages of files, which the system takes back. */
export function ownMemoryMiB(pid: number): number | undefined {
  try {
    const [, kiB] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kiB === undefined ? undefined : Number(kiB) / 1024;
  } catch {
    return undefined;
  }
}

/** Clock ticks a second of `/proc/*​/stat` on every Linux that Node runs on. */
const ticksPerSecond = 100;
const pageSize = 4096;

/** Reads a process's usage from `/proc`, or from `ps` where there is none. */
export function usageOf(pid: number): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const number = (index: number) => Number(fields[index]);
    return {
      cpuSeconds: (number(11) + number(12)) / ticksPerSecond,
      residentMiB: (number(21) * pageSize) / 2 ** 20,
    };
  } catch {
    const [time = '0:0', rss = '0'] = execFileSync('ps', ['-o', 'cputime=,rss=', '-p', String(pid)], {
      encoding: 'utf8',
    })
      .trim()
      .split(/\s+/);
    return {
      cpuSeconds: time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0),
      residentMiB: Number(rss) / 1024,
    };
  }
}

/** `1.2 CPU-s, 150 MiB`: what was used since `before`. */
export function spent(before: Usage, after: Usage): string {
  return `${(after.cpuSeconds - before.cpuSeconds).toFixed(2)} CPU-s, ${after.residentMiB.toFixed(0)} MiB`;
}

/**
 * Milliseconds that the first thread of a process, Node's event loop, has been running on a processor; undefined where
 * the system does not tell. Unlike the clock it stands still while other programs run.
 */
export function runningMs(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}
