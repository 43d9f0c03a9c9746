import { join } from 'node:path';
import { createHistory, type History } from '../../src/events/history.ts';
import { createInProcessBus, type InProcessBus } from '../../src/events/in-process-bus.ts';
import type { Clock, IdSource, Logger } from '../../src/model/ports.ts';
import { noTelemetry, type Telemetry } from '../../src/model/telemetry.ts';
import { resourceType } from '../../src/policies/registry.ts';
import { openLocalMasterKey } from '../../src/secrets/local-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { createDepartures } from '../../src/store/create-departures.ts';
import { createDueFolds } from '../../src/store/create-due-folds.ts';
import { createFeed } from '../../src/store/create-feed.ts';
import { createHoldings } from '../../src/store/create-holdings.ts';
import { createIdempotencyKeys } from '../../src/store/create-idempotency-keys.ts';
import { createInsights } from '../../src/store/create-insights.ts';
import { createLeases } from '../../src/store/create-leases.ts';
import { createPropagation } from '../../src/store/create-propagation.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import type { Departures } from '../../src/store/departures.ts';
import type { DueFolds } from '../../src/store/due-folds.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Feed } from '../../src/store/feed.ts';
import type { Holdings } from '../../src/store/holdings.ts';
import type { IdempotencyKeys } from '../../src/store/idempotency-keys.ts';
import type { Insights } from '../../src/store/insights.ts';
import type { Leases } from '../../src/store/leases.ts';
import { createMeasuredItems } from '../../src/store/measured-items.ts';
import type { Propagation } from '../../src/store/propagation.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { auditRetention, openTenantTable, type TenantTable } from '../../src/tenancy/tenant-table.ts';

/** Everything that lasts, in a folder. */
export interface Stores {
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly propagation: Propagation;
  readonly leases: Leases;
  readonly holdings: Holdings;
  readonly departures: Departures;
  readonly dueFolds: DueFolds;
  readonly feed: Feed;
  readonly history: History;
  readonly events: InProcessBus;
  readonly tenants: TenantTable;
  readonly idempotency: IdempotencyKeys;
  close(): Promise<void>;
}

/**
 * Opens the stores of a data folder: `store/` and the key of its secrets, `master-key.json`.
 *
 * @throws KumulusError where another process has it open, or it cannot be read.
 */
export async function openStores(
  data: string,
  deps: {
    readonly clock: Clock;
    readonly ids: IdSource;
    readonly logger: Logger;
    /** Hears of the table's calls; nobody does where it is absent. */
    readonly telemetry?: Telemetry;
  },
): Promise<Stores> {
  const { clock, ids, logger, telemetry = noTelemetry } = deps;
  const engine = createEmbeddedStore({ path: join(data, 'store'), clock });
  const tenants = openTenantTable(createMeasuredItems({ items: engine, telemetry }), clock);
  const { items, quotasOf } = tenants;
  const secretBox = createSecretBox({
    master: await openLocalMasterKey(join(data, 'master-key.json')),
    clock,
  });
  const feed = createFeed({ items, clock, ids });
  const events = createInProcessBus(logger);
  const history = createHistory({
    items,
    clock,
    ids,
    logger,
    retentionDays: auditRetention(tenants.lookup),
    incarnationOf: tenants.incarnationOf,
    bus: events,
    waits: false,
  });
  const isSecret = (type: string) => resourceType(type)?.secret === true;
  const insights = createInsights({ items, clock, logger });
  return {
    // Commits wake the relay of this process at once, so nothing is published to the feed.
    resources: createResourceStore({
      items,
      secretBox,
      isSecret,
      clock,
      logger,
      trail: history.trail,
      quotasOf,
    }),
    insights,
    propagation: createPropagation({ items, clock }),
    leases: createLeases({ items, clock }),
    holdings: createHoldings(items),
    departures: createDepartures(items),
    dueFolds: createDueFolds(items),
    feed,
    history,
    events,
    tenants,
    idempotency: createIdempotencyKeys({ items, secretBox, clock, logger }),
    async close() {
      await Promise.all([history.publisher?.idle(), insights.idle()]);
      await tenants.table.close();
    },
  };
}
