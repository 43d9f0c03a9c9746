import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Child, startChild } from '../support/child.ts';

const start = (...args: string[]): Child => startChild(process.execPath, ['dist/dev/quickstart.js', ...args]);

describe('npm run quickstart', { timeout: 60_000 }, () => {
  it('shows a mesh at work and ends, with --once', async () => {
    const quickstart = start('--once');
    expect(await quickstart.ended).toEqual({ code: 0, signal: null });
    const shown = quickstart.stdout();
    for (const words of [
      /from nothing +the first visit was counted after \d+\.\d\d s/,
      /visit +number 4, counted by redis-1/,
      /presents +spiffe:\/\/default\/backend, valid until 20/,
      /presents +spiffe:\/\/default\/redis, valid until 20/,
      /permissions +[1-9]\d* connections let in, 0 kept out/,
      /control plane +online/,
      /acknowledged +cds \d of \d/,
    ]) {
      expect(shown).toMatch(words);
    }
    expect(quickstart.stderr()).toBe('');
  });

  it('stays up, tells what happens, and ends everything at Ctrl-C', async () => {
    const quickstart = start();
    const [, permission = ''] = await quickstart.says(/curl -s -X DELETE (\S+)/);
    const [, file = ''] = await quickstart.says(/-d @(\S+)/);
    const [, proxy = ''] = await quickstart.says(/kill (\d+)/);
    await quickstart.says(/visits are counted by redis-1/);
    expect((await fetch(permission, { method: 'DELETE' })).status).toBe(200);
    await quickstart.says(/visits are counted by nobody/);
    process.kill(Number(proxy), 'SIGTERM');
    await quickstart.says(/redis-1-proxy ended/);
    quickstart.kill('SIGINT');
    expect(await quickstart.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(dirname(file))).toBe(false);
    await expect(fetch(permission)).rejects.toThrow();
  });

  it('ends everything and says why when a part dies', async () => {
    const quickstart = start();
    const [, api = ''] = await quickstart.says(/API (\S+),/);
    await quickstart.says(/visits are counted by redis-1/);
    const [, proxy = ''] = await quickstart.says(/kill (\d+)/);
    process.kill(Number(proxy), 'SIGKILL');
    expect(await quickstart.ended).toEqual({ code: 1, signal: null });
    expect(quickstart.stderr()).toMatch(/Error: redis-1-proxy ended with code 137/);
    await expect(fetch(api)).rejects.toThrow();
  });
});
