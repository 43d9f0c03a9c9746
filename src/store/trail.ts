import type { TenantId } from '../model/tenant.ts';
import { maxParts } from './audit/audit-batch.ts';
import type { AuditBatch, AuditLog } from './audit/audit-log.ts';
import type { AuditDraft } from './audit/audit-record.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { ItemKey, ItemStore, Operation } from './port.ts';

/** What is written about one transaction, together with it. */
export interface Recorded {
  /** The batch's, and the entry's. */
  readonly operations: readonly Operation[];
  readonly batch: AuditBatch;
  /** Its entry in the outbox; absent where nothing is published. */
  readonly entered: ReturnType<Outbox['enter']> | undefined;
}

/** Publishes what was recorded and takes it out of the outbox. Never rejects; what it resolves with is waited for. */
export type Publish = (batch: AuditBatch, outboxKey: ItemKey) => Promise<void>;

/** Leaves a record of everything that happens, and an event. */
export interface Trail {
  /** Makes what a transaction has to write about itself: at most {@link maxTrailOperations}. */
  record(tenant: TenantId, drafts: readonly AuditDraft[]): Promise<Recorded>;
  /** To be called when the transaction is done. Never rejects. */
  written(recorded: Recorded): Promise<void>;
  /**
   * Records what changed no resource, such as a token that is given out; durable when the promise resolves. What comes
   * in while records are being written is written together.
   */
  append(tenant: TenantId, draft: AuditDraft): Promise<void>;
}

export interface TrailDeps {
  readonly items: ItemStore;
  readonly audit: AuditLog;
  /** Where events are published. */
  readonly events?: { readonly outbox: Outbox; readonly publish: Publish };
}

/** Operations of one transaction that are about itself: records, the entry of their day, and that in the outbox. */
export const maxTrailOperations = maxParts + 2;

/** Records that are appended at once; the claims of a token are up to 16 KB. */
const maxAppended = 40;

interface Waiting {
  readonly draft: AuditDraft;
  resolve(): void;
  reject(error: unknown): void;
}

/** Creates the trail of all that the stores and the API do. */
export function createTrail({ items, audit, events }: TrailDeps): Trail {
  const waiting = new Map<TenantId, Waiting[]>();

  async function record(tenant: TenantId, drafts: readonly AuditDraft[]): Promise<Recorded> {
    const batch = await audit.batch(tenant, drafts);
    const entered = events?.outbox.enter(batch);
    return {
      batch,
      operations: entered === undefined ? batch.operations : [...batch.operations, entered.operation],
      entered,
    };
  }

  async function written({ batch, entered }: Recorded): Promise<void> {
    batch.written();
    if (events !== undefined && entered !== undefined) {
      await events.publish(batch, entered.key);
    }
  }

  /**
   * Nothing else changes, so the record and its entry in the outbox are plain writes at half the price of a transaction. Of a
   * process that dies in between there may be one without the other: a record of what nobody was given, or an entry that
   * leads to nothing.
   */
  async function writeApart(tenant: TenantId, { batch, entered }: Recorded): Promise<void> {
    await Promise.all([
      items.transact(tenant, batch.operations),
      entered && items.transact(tenant, [entered.operation]),
    ]);
  }

  async function appendGroup(tenant: TenantId, group: readonly Waiting[]): Promise<void> {
    try {
      const recorded = await record(
        tenant,
        group.map(({ draft }) => draft),
      );
      await writeApart(tenant, recorded);
      await written(recorded);
      for (const each of group) {
        each.resolve();
      }
    } catch (error) {
      for (const each of group) {
        each.reject(error);
      }
    }
  }

  async function appendAll(tenant: TenantId, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      await appendGroup(tenant, queue.splice(0, maxAppended));
    }
    waiting.delete(tenant);
  }

  return {
    record,
    written,
    append: (tenant, draft) =>
      new Promise((resolve, reject) => {
        const queue = waiting.get(tenant);
        if (queue !== undefined) {
          queue.push({ draft, resolve, reject });
          return;
        }
        const first = [{ draft, resolve, reject }];
        waiting.set(tenant, first);
        void appendAll(tenant, first);
      }),
  };
}
