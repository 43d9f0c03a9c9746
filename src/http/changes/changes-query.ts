import { KumulusError } from '../../model/errors.ts';
import { Violations } from '../../model/violations.ts';

/** What a reader of changes asks for. */
export interface ChangesQuery {
  /** The revision after which to begin; undefined asks where the history stands. */
  readonly since: number | undefined;
  /** How long to wait for something to happen, in milliseconds. */
  readonly waitMs: number;
  /** Commits of a page at the most. */
  readonly size: number;
}

export const changesTitle = 'Could not retrieve changes';

/** An HTTP API of API Gateway ends a request after 30 s, and the function needs some of it. */
const maxWaitSeconds = 20;
const maxSize = 500;
const defaultSize = 100;

/**
 * Reads `since`, `wait` (in seconds, 0 unless told) and `size` (100 commits unless told).
 *
 * @throws KumulusError `invalid` with every parameter that cannot be.
 */
export function changesQuery(query: URLSearchParams): ChangesQuery {
  const violations = new Violations();
  const number = (name: string, min: number, max: number, pattern: RegExp): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') {
      return undefined;
    }
    const value = pattern.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      violations.add(name, `must be a number from ${min} to ${max}, got ${text.slice(0, 40)}`);
    }
    return value;
  };
  const since = number('since', 0, 10 ** 12 - 1, /^\d{1,12}$/);
  const wait = number('wait', 0, maxWaitSeconds, /^\d{1,3}(\.\d{1,3})?$/);
  const size = number('size', 1, maxSize, /^\d{1,4}$/);
  if (!violations.empty) {
    throw new KumulusError('invalid', 'Resource is not valid', {
      title: changesTitle,
      violations: violations.list,
    });
  }
  return { since, waitMs: (wait ?? 0) * 1000, size: size ?? defaultSize };
}
