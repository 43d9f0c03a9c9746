import type { Clock, IdSource } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { ItemStore, Operation } from '../port.ts';
import { encodeBatch } from './audit-batch.ts';
import { auditDayKey, auditPartition, batchPrefix, dayOf, endOfDay, partSort } from './audit-keys.ts';
import { type AuditPage, type AuditQuery, createAuditReader } from './audit-reader.ts';
import type { AuditDraft } from './audit-record.ts';

export interface AuditLogDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** How long the tenant's records are kept, in days. */
  retentionDays(tenant: TenantId): number | Promise<number>;
  /** Tells a tenant from one of the same name that was deleted before; there are none such unless told. */
  incarnationOf?(tenant: TenantId): Promise<string>;
}

/** The records of one transaction, about to be written with it. */
export interface AuditBatch {
  readonly tenant: TenantId;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly drafts: readonly AuditDraft[];
  /** Where the items are: their partition, and what their sort keys start with. */
  readonly partition: string;
  readonly prefix: string;
  readonly operations: readonly Operation[];
  /** To be called once the operations are written. */
  written(): void;
}

/** The audit trail of tenants. */
export interface AuditLog {
  /** Makes what a transaction has to write so that its records come with it: the items of the records, and where it is the first of the day, its entry. */
  batch(tenant: TenantId, drafts: readonly AuditDraft[]): Promise<AuditBatch>;
  /**
   * The newest records first. What is older than the tenant's retention is not shown, even while it is still there.
   *
   * @throws KumulusError `bad_request` for a position that is none.
   */
  read(tenant: TenantId, query: AuditQuery): Promise<AuditPage>;
}

/** Days of tenants that are known to be entered. */
const knownLimit = 10_000;
const dayMilliseconds = 86_400_000;

/** Creates the audit trail on the table. Records go by themselves when the tenant's retention is over. */
export function createAuditLog(deps: AuditLogDeps): AuditLog {
  const { items, clock, ids, retentionDays } = deps;
  /** Until when the entry of a tenant's day lives, in seconds since 1970. */
  const known = new Map<string, number>();
  let sequence = 0;

  /** Enters the day, once a process; again where the tenant has raised its retention. */
  function dayOperations(tenant: TenantId, incarnation: string, day: number, days: number) {
    const name = `${tenant}/${incarnation}/${day}`;
    const expiresAt = Math.ceil(endOfDay(day) / 1000) + days * 86_400;
    if ((known.get(name) ?? 0) >= expiresAt) {
      return { operations: [], written() {} };
    }
    const operation: Operation = {
      kind: 'put',
      item: { ...auditDayKey(day), version: 1, value: '', expiresAt },
    };
    return {
      operations: [operation],
      written() {
        known.delete(name);
        known.set(name, expiresAt);
        const oldest = known.keys().next();
        if (known.size > knownLimit && oldest.done === false) {
          known.delete(oldest.value);
        }
      },
    };
  }

  return {
    async batch(tenant, drafts) {
      const [days, incarnation = ''] = await Promise.all([
        retentionDays(tenant),
        deps.incarnationOf?.(tenant),
      ]);
      const time = clock();
      const id = ids();
      const day = dayOf(time);
      sequence += 1;
      const partition = auditPartition(day);
      const prefix = batchPrefix(time, sequence, id);
      const expiresAt = Math.ceil(time / 1000) + days * 86_400;
      const parts = encodeBatch(drafts);
      const entry = dayOperations(tenant, incarnation, day, days);
      return {
        tenant,
        id,
        time,
        drafts,
        partition,
        prefix,
        operations: [
          ...parts.map((value, part): Operation => {
            const sort = partSort(prefix, part, parts.length);
            return { kind: 'put', item: { partition, sort, version: 1, value, expiresAt } };
          }),
          ...entry.operations,
        ],
        written: entry.written,
      };
    },
    async read(tenant, query) {
      const oldest = clock() - (await retentionDays(tenant)) * dayMilliseconds;
      return createAuditReader(items)(tenant, { ...query, from: Math.max(query.from ?? 0, oldest) });
    },
  };
}
