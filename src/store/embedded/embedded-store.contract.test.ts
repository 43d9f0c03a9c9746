import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '../contract.case.ts';
import { createEmbeddedStore } from './embedded-store.ts';

storeContract('files', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'kumulus-store-'));
  const items = createEmbeddedStore({ path: join(folder, 'store'), clock });
  return {
    items,
    async stop() {
      await items.close();
      await rm(folder, { recursive: true });
    },
  };
});
