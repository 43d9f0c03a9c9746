import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalMasterKey } from '../../../src/secrets/local-master-key.ts';
import { createSecretBox } from '../../../src/secrets/secret-box.ts';
import type { SecretBox } from '../../../src/store/secret-box.ts';

/** The real secret box with a key that lasts as long as the process. */
export const testSecretBox: SecretBox = await (async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-key-'));
  const master = await openLocalMasterKey(join(folder, 'key.json'));
  rmSync(folder, { recursive: true });
  return createSecretBox({ master, clock: Date.now });
})();
