import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/*
 * One process at a time may use a folder: it caches heads and groups commits for itself. The lock is a record inside
 * the database, taken in a write transaction, so two that start together cannot both take it. It tells who holds it
 * by process id and the time that process started, so that a killed process holds nothing and a process id that was
 * given away anew is not mistaken for it.
 */

/** Who holds a folder. */
export interface FolderOwner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the kernel's own count; empty where the system does not tell. */
  readonly started: string;
}

/** This process, as it enters itself. */
export function thisProcess(): FolderOwner {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid) };
}

export function encodeOwner(owner: FolderOwner): Buffer {
  return Buffer.from(JSON.stringify(owner));
}

/** Reads a record; undefined where it is not one. */
export function decodeOwner(stored: Buffer): FolderOwner | undefined {
  try {
    const { pid, host, started } = JSON.parse(stored.toString());
    return typeof pid === 'number' && typeof host === 'string' && typeof started === 'string'
      ? { pid, host, started }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the holder still runs. A holder of another host name is taken for gone: a container that is started anew has
 * another name and its old processes cannot be asked for, and a folder that two hosts share cannot hold LMDB anyway.
 */
export function isRunning(owner: FolderOwner): boolean {
  if (owner.host !== hostname()) {
    return false;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return owner.started === startOf(owner.pid);
}

/** The 22nd field of /proc/<pid>/stat (proc(5)): clock ticks from boot to the start of the process. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
