import { readFileSync } from 'node:fs';
import type { Child } from './children.ts';

/** Waits for a program's end, and tells of it with its last words. */
export async function death(child: Child): Promise<Error> {
  const code = await child.ended;
  const words = readLog(child.logFile).trimEnd().split('\n').slice(-5);
  return new Error(`${child.name} ended with code ${code}:\n  ${words.join('\n  ')}`);
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
