import { KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import { pagesOf } from '../pages.ts';
import type { ItemStore } from '../port.ts';
import { decodeBatch } from './audit-batch.ts';
import {
  auditDaysPartition,
  auditPartition,
  dayOf,
  dayOfSort,
  parsePartSort,
  startOfTime,
} from './audit-keys.ts';
import type { AuditAction, AuditRecord } from './audit-record.ts';

/** Which records are asked for. */
export interface AuditQuery {
  /** Milliseconds since 1970, both included. */
  readonly from?: number;
  readonly to?: number;
  readonly user?: string;
  readonly type?: string;
  readonly mesh?: string;
  readonly name?: string;
  readonly action?: AuditAction;
  /** Records of the page at the most. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Give it as `after` for the next page; absent on the last one. A page may be short and still have a next one. */
  readonly next?: string;
}

/** Where a page ended: in which transaction's records, and before which of them, counted from 0. */
interface Position {
  readonly day: number;
  readonly prefix: string;
  readonly before: number;
}

/** One transaction's records. */
interface ReadBatch {
  readonly day: number;
  readonly prefix: string;
  readonly time: number;
  readonly records: readonly AuditRecord[];
}

/** Transactions whose records are looked through for one page, where few of them are asked for. */
const maxBatches = 1_000;
/** Items a query: an item may have 350 KB. */
const itemsAtOnce = 50;

/** Creates the reader of the audit trail. */
export function createAuditReader(
  items: ItemStore,
): (tenant: TenantId, query: AuditQuery) => Promise<AuditPage> {
  async function* batches(
    tenant: TenantId,
    query: AuditQuery,
    start: Position | undefined,
  ): AsyncGenerator<ReadBatch, void, void> {
    const firstDay = Math.min(start?.day ?? Number.POSITIVE_INFINITY, dayOf(query.to ?? 8e15));
    for await (const days of pagesOf(items, tenant, { partition: auditDaysPartition })) {
      for (const day of days.map(({ sort }) => dayOfSort(sort))) {
        if (day <= firstDay && day >= dayOf(query.from ?? 0)) {
          const after =
            start?.day === day
              ? start.prefix
              : query.to === undefined
                ? ''
                : startOfTime(Math.min(query.to, maxTime));
          yield* batchesOfDay(tenant, day, after);
        }
      }
    }
  }

  async function* batchesOfDay(
    tenant: TenantId,
    day: number,
    after: string,
  ): AsyncGenerator<ReadBatch, void, void> {
    const query = { partition: auditPartition(day), limit: itemsAtOnce };
    let values: Uint8Array[] = [];
    for await (const page of pagesOf(items, tenant, after === '' ? query : { ...query, after })) {
      for (const { sort, value } of page) {
        const { prefix, time, id, part, parts } = parsePartSort(sort);
        values = part === 0 ? [] : values;
        values.push(Buffer.from(value));
        if (values.length === parts) {
          yield { day, prefix, time, records: decodeBatch(id, time, values) };
        }
      }
    }
  }

  return async (tenant, query) => {
    const start = query.after === undefined ? undefined : parsePosition(query.after);
    const records: AuditRecord[] = [];
    let looked = 0;
    for await (const batch of batches(tenant, query, start)) {
      if (batch.time < (query.from ?? 0)) {
        break;
      }
      const end = start?.prefix === batch.prefix ? start.before : batch.records.length;
      for (let position = Math.min(end, batch.records.length) - 1; position >= 0; position -= 1) {
        const record = batch.records[position];
        if (record === undefined || !matches(record, query)) {
          continue;
        }
        if (records.length === query.limit) {
          return { records, next: positionText({ ...batch, before: position + 1 }) };
        }
        records.push(record);
      }
      looked += 1;
      if (looked === maxBatches) {
        return { records, next: positionText({ ...batch, before: 0 }) };
      }
    }
    return { records };
  };
}

/** The latest time that a key can hold. */
const maxTime = 10 ** 15 - 1;

function matches(record: AuditRecord, query: AuditQuery): boolean {
  return (
    (query.user === undefined || record.author.user === query.user) &&
    (query.type === undefined || record.type === query.type) &&
    (query.mesh === undefined || record.mesh === query.mesh) &&
    (query.name === undefined || record.name === query.name) &&
    (query.action === undefined || record.action === query.action)
  );
}

function positionText({ day, prefix, before }: Position): string {
  return Buffer.from(`${day}:${before}:${prefix}`).toString('base64url');
}

const positionPattern = /^(\d{1,6}):(\d{1,6}):([\w./-]{1,100})$/;

function parsePosition(text: string): Position {
  const match = positionPattern.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (match === null) {
    throw new KumulusError('bad_request', 'the position is none that a page of the audit trail gave');
  }
  const [, day, before, prefix = ''] = match;
  return { day: Number(day), before: Number(before), prefix };
}
