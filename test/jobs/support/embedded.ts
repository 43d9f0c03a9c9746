import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import type { StartEngine } from '../../store/support/world.ts';

/** The embedded engine in a folder of its own. */
export const startEmbedded: StartEngine = async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'kumulus-jobs-'));
  const items = createEmbeddedStore({ path: folder, clock });
  return {
    items,
    async stop() {
      await items.close();
      await rm(folder, { recursive: true });
    },
  };
};
