import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { tenantId } from '../../src/model/tenant.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram } from './support/program.ts';

it.skipIf(process.platform === 'win32')(
  'a store that may not grow refuses writes and loses nothing',
  async () => {
    const program = await buildProgram('test/store/programs/fill-disk.ts');
    const folder = temporaryFolder();
    // Files may have 3 MB, in blocks of 1 KB; the signal that comes with it is ignored, so writes fail as on a full disk.
    const script = 'trap "" XFSZ; ulimit -f 3072; exec "$0" "$1" "$2"';
    const { stdout } = await promisify(execFile)('bash', ['-c', script, process.execPath, program, folder]);
    const lines = stdout.trim().split('\n');
    const written = Number(/^closed (\d+)$/.exec(lines.at(-1) ?? '')?.[1]);
    expect(written).toBeGreaterThan(10);
    expect(lines).toStrictEqual([
      'put unavailable',
      'put unavailable',
      'put unavailable',
      'kept true',
      `closed ${written}`,
    ]);
    const store = createEmbeddedStore({ path: folder });
    const { items } = await store.query(tenantId('acme'), { partition: 'p' });
    expect(items).toHaveLength(written);
    expect(items.at(-1)?.sort).toBe('small');
    await store.close();
  },
);
