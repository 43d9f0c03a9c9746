import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram } from './support/program.ts';

const acme = tenantId('acme');

/** Another process that opens the store, and its first line. */
async function openElsewhere(program: string, folder: string) {
  const child = spawn(process.execPath, [program, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  child.stdout.setEncoding('utf8');
  const [line] = await once(child.stdout, 'data');
  return { pid: child.pid, said: String(line).trim(), child, ended };
}

describe('a folder that another process has open', () => {
  it('is refused, and neither process is disturbed', async () => {
    const program = await buildProgram('test/store/programs/open-store.ts');
    const folder = realpathSync(temporaryFolder());
    const store = createEmbeddedStore({ path: folder });
    const refused = await openElsewhere(program, folder);
    expect(refused.said).toBe(`conflict: the folder ${folder} is in use by process ${process.pid}`);
    const item = { partition: 'p', sort: 'a', version: 1, value: 'x' };
    await store.transact(acme, [{ kind: 'put', item }]);
    expect(await store.get(acme, { partition: 'p', sort: 'a' })).toStrictEqual(item);
    await store.close();

    const holder = await openElsewhere(program, folder);
    expect(holder.said).toBe('open');
    expect(() => createEmbeddedStore({ path: folder })).toThrow(
      `the folder ${folder} is in use by process ${holder.pid}`,
    );
    expect(() => createEmbeddedStore({ path: folder })).toThrow('is in use by process');

    holder.child.kill('SIGKILL');
    await holder.ended;
    const after = createEmbeddedStore({ path: folder });
    expect(await after.get(acme, { partition: 'p', sort: 'a' })).toStrictEqual(item);
    await after.close();
  });

  it('is one of many that want it at once', async () => {
    const program = await buildProgram('test/store/programs/open-store.ts');
    const folder = realpathSync(temporaryFolder());
    const all = await Promise.all(Array.from({ length: 4 }, () => openElsewhere(program, folder)));
    expect(all.map(({ said }) => said.replace(/: .*/, '')).sort()).toStrictEqual([
      'conflict',
      'conflict',
      'conflict',
      'open',
    ]);
    const holder = all.find(({ said }) => said === 'open');
    holder?.child.stdin.end();
    await holder?.ended;
    const next = await openElsewhere(program, folder);
    expect(next.said).toBe('open');
  });
});
