import { join } from 'node:path';
import type { Clock, IdSource, Logger } from '../../src/model/ports.ts';
import { resourceType } from '../../src/policies/registry.ts';
import { openLocalMasterKey } from '../../src/secrets/local-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { createFeed } from '../../src/store/create-feed.ts';
import { createInsights } from '../../src/store/create-insights.ts';
import { createLeases } from '../../src/store/create-leases.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Feed } from '../../src/store/feed.ts';
import type { Insights } from '../../src/store/insights.ts';
import type { Leases } from '../../src/store/leases.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';

/** Everything that lasts, in a folder. */
export interface Stores {
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly leases: Leases;
  readonly feed: Feed;
  close(): Promise<void>;
}

/**
 * Opens the stores of a data folder: `store/` and the key of its secrets, `master-key.json`.
 *
 * @throws KumulusError where another process has it open, or it cannot be read.
 */
export async function openStores(
  data: string,
  deps: { readonly clock: Clock; readonly ids: IdSource; readonly logger: Logger },
): Promise<Stores> {
  const { clock, ids, logger } = deps;
  const items = createEmbeddedStore({ path: join(data, 'store'), clock });
  const secretBox = createSecretBox({
    master: await openLocalMasterKey(join(data, 'master-key.json')),
    clock,
  });
  const feed = createFeed({ items, clock, ids });
  const isSecret = (type: string) => resourceType(type)?.secret === true;
  return {
    // Commits wake the relay of this process at once, so nothing is published to the feed.
    resources: createResourceStore({ items, secretBox, isSecret, clock, logger }),
    insights: createInsights({ items, clock }),
    leases: createLeases({ items, clock }),
    feed,
    close: () => items.close(),
  };
}
