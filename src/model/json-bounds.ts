import { KumulusError } from './errors.ts';

/** The deepest nesting of objects and lists in a document that is taken; Kuma's own reach about twelve. */
const maxDocumentDepth = 64;

/** Whether a JSON value nests deeper than the limit. Does not recurse, so that no input can exhaust the stack. */
export function isDeeperThan(value: unknown, limit: number = maxDocumentDepth): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const below = level.filter((item) => typeof item === 'object' && item !== null);
    if (below.length > 0 && depth >= limit) {
      return true;
    }
    level = below.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

/**
 * Refuses a document that nests too deep.
 *
 * @throws KumulusError `bad_request`.
 */
export function requireShallow(value: unknown, what: string): void {
  if (isDeeperThan(value)) {
    const message = `invalid ${what} object: "nested deeper than ${maxDocumentDepth} levels"`;
    throw new KumulusError('bad_request', message);
  }
}
