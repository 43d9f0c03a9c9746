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
/** Characters of JSON after which a page ends: two contents may have 350 KB each, and a function's answer ends at 6 MB. */
const pageBytes = 2_000_000;
/** Items a query: an item may have 350 KB. */
const itemsAtOnce = 50;

/** The days that have records a query may be about, the newest first. */
async function* daysOf(
  items: ItemStore,
  tenant: TenantId,
  { from = 0, to }: AuditQuery,
  start: Position | undefined,
): AsyncGenerator<number, void, void> {
  const first = Math.min(start?.day ?? Number.POSITIVE_INFINITY, dayOf(to ?? maxTime));
  for await (const days of pagesOf(items, tenant, { partition: auditDaysPartition })) {
    for (const { sort } of days) {
      const day = dayOfSort(sort);
      if (day <= first && day >= dayOf(from)) {
        yield day;
      }
    }
  }
}

/** The batches of a day, the newest first. */
async function* batchesOfDay(
  items: ItemStore,
  tenant: TenantId,
  day: number,
  after: string | undefined,
): AsyncGenerator<ReadBatch, void, void> {
  const query = { partition: auditPartition(day), limit: itemsAtOnce };
  let values: Uint8Array[] = [];
  for await (const page of pagesOf(items, tenant, after === undefined ? query : { ...query, after })) {
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

/** Where reading starts within a day. */
function startWithin(day: number, { to }: AuditQuery, start: Position | undefined): string | undefined {
  if (start?.day === day) {
    return start.prefix;
  }
  return to === undefined ? undefined : startOfTime(Math.min(to, maxTime));
}

async function* batchesOf(
  items: ItemStore,
  tenant: TenantId,
  query: AuditQuery,
  start: Position | undefined,
): AsyncGenerator<ReadBatch, void, void> {
  for await (const day of daysOf(items, tenant, query, start)) {
    for await (const batch of batchesOfDay(items, tenant, day, startWithin(day, query, start))) {
      if (batch.time < (query.from ?? 0)) {
        return;
      }
      yield batch;
    }
  }
}

/** Creates the reader of the audit trail. */
export function createAuditReader(
  items: ItemStore,
): (tenant: TenantId, query: AuditQuery) => Promise<AuditPage> {
  return async (tenant, query) => {
    const start = query.after === undefined ? undefined : parsePosition(query.after);
    const records: AuditRecord[] = [];
    let looked = 0;
    let bytes = 0;
    const take = ({ record }: { readonly record: AuditRecord }): boolean => {
      if (records.length === query.limit || bytes >= pageBytes) {
        return false;
      }
      records.push(record);
      bytes += JSON.stringify(record).length;
      return true;
    };
    for await (const batch of batchesOf(items, tenant, query, start)) {
      const end = start?.prefix === batch.prefix ? start.before : batch.records.length;
      const found = batch.records
        .map((record, position) => ({ record, position }))
        .slice(0, end)
        .filter(({ record }) => matches(record, query))
        .reverse();
      const left = found.find((each) => !take(each));
      looked += 1;
      if (left !== undefined || looked === maxBatches) {
        return {
          records,
          next: positionText({ ...batch, before: left === undefined ? 0 : left.position + 1 }),
        };
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
