import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is there until the running test ends. Its path is short, so that unix sockets fit inside. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
