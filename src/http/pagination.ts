import { KumulusError } from '../model/errors.ts';

/** Items of a page at the most, as in the reference. */
export const maxPageSize = 1000;
const defaultPageSize = 100;

/** What a caller wants of a list. */
export interface PageRequest {
  readonly size: number;
  readonly offset: number;
}

/** A part of a list, and where the next one starts. */
export interface PageRange {
  readonly start: number;
  readonly end: number;
  /** Undefined on the last page. */
  readonly next: number | undefined;
}

/** The largest number that is read: one that counts exactly, and that no list is as long as. */
export const maxNumber = 10 ** 15 - 1;
/** A whole number as Go's `strconv.Atoi` reads it, up to there. */
const integer = /^[+-]?\d{1,15}$/;

function invalidSize(reason: string, title: string): KumulusError {
  return new KumulusError('invalid', 'Invalid page size', {
    title,
    violations: [{ field: 'size', message: reason }],
  });
}

function pageSize(text: string | null, title: string): number {
  if (text === null || text === '') {
    return defaultPageSize;
  }
  if (!integer.test(text)) {
    throw invalidSize('invalid format', title);
  }
  const size = Number(text);
  if (size > maxPageSize) {
    throw invalidSize(`invalid page size of ${size}. Maximum page size is ${maxPageSize}`, title);
  }
  return size === 0 ? maxPageSize : size;
}

function pageOffset(text: string | null, title: string): number {
  if (text === null || text === '') {
    return 0;
  }
  if (!integer.test(text) || Number(text) < 0) {
    throw new KumulusError(
      'bad_request',
      `invalid: invalid offset: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
      { title },
    );
  }
  return Number(text);
}

/**
 * Reads `size` (100 unless told, 1,000 at the most, which 0 stands for) and `offset`.
 *
 * @param title what errors say was being done.
 * @throws KumulusError `invalid` or `bad_request`, in the reference's words.
 */
export function pageRequest(query: URLSearchParams, title = 'Could not retrieve resources'): PageRequest {
  const size = pageSize(query.get('size'), title);
  return { size, offset: pageOffset(query.get('offset'), title) };
}

/** Cuts a page out of `total` items. A negative size gives no items, and a next page before the first, as in the reference. */
export function pageRange({ size, offset }: PageRequest, total: number): PageRange {
  const after = offset + size;
  return {
    start: Math.min(offset, total),
    end: Math.max(Math.min(after, total), Math.min(offset, total)),
    next: after < total ? after : undefined,
  };
}

/** Escapes as Go's `url.QueryEscape`, so that links are letter by letter those of the reference. */
function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** The address of the next page: the same request with another offset, its parameters in the order of their names. */
export function nextLink(requestUrl: string, next: number | string): string {
  const url = new URL(requestUrl);
  url.searchParams.set('offset', String(next));
  const parameters = [...url.searchParams].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const query = parameters.map(([name, value]) => `${queryEscape(name)}=${queryEscape(value)}`).join('&');
  return `${url.origin}${url.pathname}?${query}`;
}
