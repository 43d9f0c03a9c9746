import { readFileSync } from 'node:fs';

/** Files that are kept for what is no proxy's connection: the table, metrics, logs, and connections that are being closed. */
const reserved = 256;

/** Reads the soft limit of open files out of `/proc/self/limits` (proc(5)); undefined where there is none. */
export function openFilesIn(limits: string): number | undefined {
  const found = /^Max open files +(\d+) /m.exec(limits)?.[1];
  return found === undefined ? undefined : Number(found);
}

/**
 * Connections that this process can have at the most: what the system lets it open, less what it needs itself, for a process
 * that runs out of files cannot even reach its table. No bound where the system does not say.
 */
export function mostConnections(): number {
  try {
    const limit = openFilesIn(readFileSync('/proc/self/limits', 'utf8'));
    return limit === undefined ? Number.POSITIVE_INFINITY : Math.max(1, limit - reserved);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
