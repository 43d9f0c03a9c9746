import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { alone } from '../../dev/deploy/checkout-lock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function world() {
  const said: string[] = [];
  const file = join(temporaryFolder(), 'lock');
  const deps = { sleep: () => setImmediate(), say: (line: string) => void said.push(line) };
  return { said, file, run: <T>(action: () => Promise<T>) => alone(deps, file, action) };
}

describe('what only one process may do at a time', () => {
  it('is done by one after the other, and the next is told why it waits', async () => {
    const { run, said, file } = world();
    const log: string[] = [];
    const task = (name: string) =>
      run(async () => {
        log.push(`${name} begins`);
        for (let turn = 0; turn < 5; turn += 1) await setImmediate();
        log.push(`${name} ends`);
      });
    await Promise.all([task('one'), task('other')]);
    expect(log).toEqual(['one begins', 'one ends', 'other begins', 'other ends']);
    expect(said).toEqual(['another run packages in this folder; waits for it']);
    expect(existsSync(file)).toBe(false);
  });

  it('goes on after one that failed, and after a process that died', async () => {
    const { run, file } = world();
    await expect(run(() => Promise.reject(new Error('as it is')))).rejects.toThrow('as it is');
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(file, String(pid));
    expect(await run(async () => 'done')).toBe('done');
  });
});
