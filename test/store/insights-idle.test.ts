import { expect, it } from 'vitest';
import type { Logger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createInsights } from '../../src/store/create-insights.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { jobsWorld } from '../jobs/support/jobs-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const tenant = tenantId('acme');

it('insights are idle when what they fold behind their writes is done, and the store may be closed', async () => {
  const store = createEmbeddedStore({ path: temporaryFolder(), clock: Date.now });
  await jobsWorld({ items: store, tenant, now: Date.now }).mesh('default');
  const warnings: string[] = [];
  const logger: Logger = {
    ...{ debug() {}, info() {} },
    warn: (message) => warnings.push(message),
    error: (message) => warnings.push(message),
  };
  // A fold begins with a look at the checkpoint; it waits there until the test lets it go on.
  let foldBegins = () => {};
  const folding = new Promise<void>((resolve) => (foldBegins = resolve));
  let goOn = () => {};
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  let isWritten = false;
  const items: ItemStore = {
    ...store,
    async get(owner, key) {
      if (isWritten) {
        foldBegins();
        await mayGoOn;
      }
      return store.get(owner, key);
    },
  };
  const insights = createInsights({ items, clock: Date.now, logger, places: 16 });
  const update = () =>
    insights.update(tenant, 'default', 'web', (current) => ({
      subscriptions: [],
      metadata: { count: (current?.version ?? 0) + 1 },
    }));
  for (let entry = 1; entry < 12; entry += 1) {
    await update();
  }
  isWritten = true;
  // The twelfth entry of sixteen is the one after which a checkpoint is due.
  await update();
  await folding;
  let isIdle = false;
  const idle = insights.idle().then(() => (isIdle = true));
  await new Promise(setImmediate);
  expect(isIdle).toBe(false);
  goOn();
  await idle;
  await store.close();
  expect(warnings).toEqual([]);
});
