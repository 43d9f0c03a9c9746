import { randomUUID } from 'node:crypto';
import type { KumulusEvent } from '../../../src/events/event.ts';
import { createInProcessBus } from '../../../src/events/in-process-bus.ts';
import { createPublisher, type Publisher } from '../../../src/events/publisher.ts';
import { silentLogger } from '../../../src/model/ports.ts';
import { type AuditLog, createAuditLog } from '../../../src/store/audit/audit-log.ts';
import type { AuditQuery } from '../../../src/store/audit/audit-reader.ts';
import type { AuditRecord } from '../../../src/store/audit/audit-record.ts';
import { createOutbox, type Outbox } from '../../../src/store/outbox/outbox.ts';
import type { ResourceStore } from '../../../src/store/resource-store.ts';
import { createTrail, type Trail } from '../../../src/store/trail.ts';
import type { World } from './world.ts';

/** A store that leaves a trail, as one process has it. */
export interface TrailWorld {
  readonly store: ResourceStore;
  readonly audit: AuditLog;
  readonly outbox: Outbox;
  readonly trail: Trail;
  readonly publisher: Publisher;
  /** The events of the world's tenant that were published in this process, in order. */
  readonly events: readonly KumulusEvent[];
  /** All records that match, the newest first. */
  records(query?: Partial<AuditQuery>): Promise<readonly AuditRecord[]>;
  /** How many entries of the world's tenant are in the outbox. */
  left(): Promise<number>;
}

export interface TrailOptions {
  /** 90 unless told. */
  retentionDays?: () => number;
  /** Instead of the real publisher's, such as one that dies. */
  publish?: Publisher['publish'];
}

/** Opens a store with a trail, as another process would. */
export function openTrail(world: World, options: TrailOptions = {}): TrailWorld {
  const { items, tenant } = world;
  const clock = () => world.now;
  const audit = createAuditLog({
    items,
    clock,
    ids: randomUUID,
    retentionDays: options.retentionDays ?? (() => 90),
  });
  const outbox = createOutbox(items);
  const bus = createInProcessBus(silentLogger);
  const events: KumulusEvent[] = [];
  bus.subscribe((event) => {
    if (event.tenant === tenant) {
      events.push(event);
    }
  });
  const publisher = createPublisher({ outbox, bus, clock, logger: silentLogger, waits: true });
  const publish = options.publish ?? publisher.publish;
  const trail = createTrail({ items, audit, events: { outbox, publish } });
  return {
    store: world.open({ trail }),
    audit,
    outbox,
    trail,
    publisher,
    events,
    async records(query = {}) {
      const { records } = await audit.read(tenant, { limit: 1000, ...query });
      return records;
    },
    async left() {
      let count = 0;
      for await (const entry of outbox.entries(Number.MAX_SAFE_INTEGER)) {
        count += entry.tenant === tenant ? 1 : 0;
      }
      return count;
    },
  };
}
