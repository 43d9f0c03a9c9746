import type { Clock, IdSource, Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import { type AuditLog, createAuditLog } from '../store/audit/audit-log.ts';
import { createOutbox } from '../store/outbox/outbox.ts';
import type { ItemStore } from '../store/port.ts';
import { createTrail, type Trail } from '../store/trail.ts';
import type { EventBus } from './event-bus.ts';
import { createPublisher, type Publisher } from './publisher.ts';

export interface HistoryDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** How long the tenant's audit records are kept, in days. */
  retentionDays(tenant: TenantId): number | Promise<number>;
  /** See `AuditLogDeps`. */
  incarnationOf?(tenant: TenantId): Promise<string>;
  /** Where events go; without one there are none, and nothing is left for a sweep. */
  readonly bus?: EventBus | undefined;
  /** See `PublisherDeps`. */
  readonly waits: boolean;
}

/** What one process needs to leave records and events of all that it does. */
export interface History {
  readonly audit: AuditLog;
  readonly trail: Trail;
  readonly publisher: Publisher | undefined;
}

/** Puts the audit trail, the outbox and the publisher together. */
export function createHistory(deps: HistoryDeps): History {
  const { items, clock, ids, logger, retentionDays, bus, waits } = deps;
  const audit = createAuditLog({
    items,
    clock,
    ids,
    retentionDays,
    ...(deps.incarnationOf !== undefined && { incarnationOf: deps.incarnationOf }),
  });
  if (bus === undefined) {
    return { audit, trail: createTrail({ items, audit }), publisher: undefined };
  }
  const outbox = createOutbox(items);
  const publisher = createPublisher({ outbox, bus, clock, logger, waits });
  const events = { outbox, publish: publisher.publish };
  return { audit, trail: createTrail({ items, audit, events }), publisher };
}
