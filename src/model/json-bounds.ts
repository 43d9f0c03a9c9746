import { KumulusError } from './errors.ts';

/** The deepest nesting of objects and lists in a document that is taken; Kuma's own reach about twelve. */
const maxDocumentDepth = 64;

/** Whether a JSON value nests deeper than the limit. Recurses no deeper than that, so that no input can exhaust the stack. */
export function isDeeperThan(value: unknown, limit: number = maxDocumentDepth): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (limit <= 0) {
    return true;
  }
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (isDeeperThan(item, limit - 1)) {
      return true;
    }
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
