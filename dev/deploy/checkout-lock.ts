import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface CheckoutLockDeps {
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

/** How often it is looked whether the other one has ended, in milliseconds. */
const lookMs = 500;

/**
 * Does something that only one process of this machine may do at a time. Who dies leaves a file that the next one sees to be
 * nobody's.
 *
 * @param file says which process it is
 */
export async function alone<T>(
  { sleep, say }: CheckoutLockDeps,
  file: string,
  action: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; !take(file); told = true) {
    if (!told) say('another run packages in this folder; waits for it');
    await sleep(lookMs);
  }
  try {
    return await action();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (Object(error).code !== 'EEXIST') throw error;
  }
  if (!isHeld(file)) rmSync(file, { force: true });
  return false;
}

function isHeld(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // One that was just made has nothing in it yet.
    return pid === 0 || process.kill(pid, 0);
  } catch (error) {
    // It went meanwhile, or its process did; one of somebody else is there all the same.
    return Object(error).code === 'EPERM';
  }
}
