import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { resourceStoreCases } from './cases/all.case.ts';

resourceStoreCases('files', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'kumulus-store-'));
  const items = createEmbeddedStore({ path: folder, clock });
  return {
    items,
    async stop() {
      await items.close();
      await rm(folder, { recursive: true });
    },
  };
});
