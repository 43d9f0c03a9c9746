import { randomUUID } from 'node:crypto';
import type { EventBus } from '../../../src/events/event-bus.ts';
import { createHistory } from '../../../src/events/history.ts';
import { type Clock, silentLogger } from '../../../src/model/ports.ts';
import { resourceType } from '../../../src/policies/registry.ts';
import { createDepartures } from '../../../src/store/create-departures.ts';
import { createDueFolds } from '../../../src/store/create-due-folds.ts';
import { createFeed } from '../../../src/store/create-feed.ts';
import { createHoldings } from '../../../src/store/create-holdings.ts';
import { createIdempotencyKeys } from '../../../src/store/create-idempotency-keys.ts';
import { createInsights } from '../../../src/store/create-insights.ts';
import { createLeases } from '../../../src/store/create-leases.ts';
import { createPropagation } from '../../../src/store/create-propagation.ts';
import { createResourceStore } from '../../../src/store/create-resource-store.ts';
import { createOutbox } from '../../../src/store/outbox/outbox.ts';
import type { ItemStore } from '../../../src/store/port.ts';
import type { SecretBox } from '../../../src/store/secret-box.ts';
import { auditRetention, openTenantTable } from '../../../src/tenancy/tenant-table.ts';
import { createUsageMeter } from '../../../src/tenancy/usage.ts';

/** Takes nothing, so that what is to be published stays in the table. */
const closedBus: EventBus = { publish: () => Promise.reject(new Error('not here')) };

/** Everything that lasts, as the functions and the relay open it, with events that nobody takes unless told. */
export function openAllStores(
  table: ItemStore,
  secretBox: SecretBox,
  clock: Clock,
  bus: EventBus = closedBus,
) {
  const tenants = openTenantTable(table, clock);
  const { items, quotasOf } = tenants;
  const shared = { items, clock, ids: randomUUID, logger: silentLogger };
  const feed = createFeed(shared);
  const history = createHistory({
    ...shared,
    retentionDays: auditRetention(tenants.lookup),
    incarnationOf: tenants.incarnationOf,
    bus,
    waits: true,
  });
  return {
    tenants,
    feed,
    history,
    outbox: createOutbox(items),
    resources: createResourceStore({
      ...shared,
      secretBox,
      isSecret: (type) => resourceType(type)?.secret === true,
      feed,
      trail: history.trail,
      quotasOf,
    }),
    insights: createInsights(shared),
    /** For one mesh alone, whose journal is short enough for a checkpoint after a few writes. */
    shortInsights: createInsights({ ...shared, places: 8 }),
    propagation: createPropagation(shared),
    leases: createLeases(shared),
    holdings: createHoldings(items),
    departures: createDepartures(items),
    dueFolds: createDueFolds(items),
    idempotency: createIdempotencyKeys({ ...shared, secretBox }),
    usage: createUsageMeter(shared),
  };
}

export type AllStores = ReturnType<typeof openAllStores>;
