import { KumulusError } from '../../model/errors.ts';
import { Violations } from '../../model/violations.ts';
import { readNumber, revisionParameter, waitParameter } from '../number-parameters.ts';

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

const sizeParameter = { min: 1, max: 500, pattern: /^\d{1,4}$/ };
const defaultSize = 100;

/**
 * Reads `since`, `wait` (in seconds, 0 unless told) and `size` (100 commits unless told).
 *
 * @throws KumulusError `invalid` with every parameter that cannot be.
 */
export function changesQuery(query: URLSearchParams): ChangesQuery {
  const violations = new Violations();
  const since = readNumber(query, 'since', revisionParameter, violations);
  const wait = readNumber(query, 'wait', waitParameter, violations);
  const size = readNumber(query, 'size', sizeParameter, violations);
  if (!violations.empty) {
    throw new KumulusError('invalid', 'Resource is not valid', {
      title: changesTitle,
      violations: violations.list,
    });
  }
  return { since, waitMs: (wait ?? 0) * 1000, size: size ?? defaultSize };
}
