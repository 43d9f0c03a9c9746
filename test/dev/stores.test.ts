import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { openStores } from '../../dev/server/stores.ts';
import type { Logger } from '../../src/model/ports.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('stores close when the folds are done that their last writes began', async () => {
  const warnings: string[] = [];
  const logger: Logger = {
    ...{ debug() {}, info() {} },
    warn: (message) => warnings.push(message),
    error: (message) => warnings.push(message),
  };
  const { resources, insights, close } = await openStores(temporaryFolder(), {
    clock: Date.now,
    ids: randomUUID,
    logger,
  });
  const draft = { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} };
  await resources.commit(defaultTenant, [{ kind: 'put', draft }]);
  // So much that cannot be compressed that a checkpoint is due.
  const write = (name: string) =>
    insights.update(defaultTenant, 'default', name, () => ({
      subscriptions: [],
      metadata: { filling: randomBytes(12_000).toString('base64') },
    }));
  await Promise.all(Array.from({ length: 20 }, (_, n) => write(`web-${n}`)));
  await close();
  await insights.idle();
  expect(warnings).toEqual([]);
});
