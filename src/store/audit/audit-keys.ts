import type { ItemKey } from '../port.ts';

/*
 * Partitions of a tenant:
 *
 *   audit-days          <day, inverted>                     that there are records of the day
 *   audit/<day>         <time, inverted>/<id>/<n>.<of>      the records of one transaction, or a part of them
 *
 * What is inverted counts down, so that the newest comes first. Days are UTC, such as `2026-01-31`.
 */

/** The partition that tells of which days there are records. */
export const auditDaysPartition = 'audit-days';

const dayMilliseconds = 86_400_000;
const timeDigits = 15;
const sequenceDigits = 6;
const dayDigits = 6;

/** The day of a time, as the number of days since 1970. */
export function dayOf(time: number): number {
  return Math.floor(time / dayMilliseconds);
}

/** When a day ends, in milliseconds since 1970. */
export function endOfDay(day: number): number {
  return (day + 1) * dayMilliseconds;
}

export function auditDayKey(day: number): ItemKey {
  return { partition: auditDaysPartition, sort: inverted(day, dayDigits) };
}

/** The day that an {@link auditDayKey} names. */
export function dayOfSort(sort: string): number {
  return upright(sort, dayDigits);
}

/** The partition of a day's records. */
export function auditPartition(day: number): string {
  return `audit/${new Date(day * dayMilliseconds).toISOString().slice(0, 10)}`;
}

/**
 * What the sort keys of one transaction's records start with.
 *
 * @param sequence counts the transactions of one process, so that those of one millisecond keep their order.
 */
export function batchPrefix(time: number, sequence: number, id: string): string {
  return `${startOfTime(time)}${inverted(sequence % 10 ** sequenceDigits, sequenceDigits)}/${id}`;
}

/** What comes before all records of the time and earlier ones, and after those of later times. */
export function startOfTime(time: number): string {
  return inverted(time, timeDigits);
}

/** One part of a transaction's records. */
export interface BatchPart {
  readonly prefix: string;
  readonly time: number;
  readonly id: string;
  /** From 0. */
  readonly part: number;
  readonly parts: number;
}

export function partSort(prefix: string, part: number, parts: number): string {
  return `${prefix}/${part}.${parts}`;
}

export function parsePartSort(sort: string): BatchPart {
  const end = sort.lastIndexOf('/');
  const prefix = sort.slice(0, end);
  const [part, parts] = sort.slice(end + 1).split('.');
  return {
    prefix,
    time: upright(sort, timeDigits),
    id: prefix.slice(prefix.indexOf('/') + 1),
    part: Number(part),
    parts: Number(parts),
  };
}

function inverted(value: number, digits: number): string {
  return String(10 ** digits - 1 - value).padStart(digits, '0');
}

function upright(text: string, digits: number): number {
  return 10 ** digits - 1 - Number(text.slice(0, digits));
}
