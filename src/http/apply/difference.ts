import { isDeepStrictEqual } from 'node:util';

/** What is different at one place of a resource. */
export interface Difference {
  /** A JSON Pointer into the resource as the API answers with it (RFC 6901). */
  readonly path: string;
  /** Absent where the place is new. */
  readonly before?: unknown;
  /** Absent where the place is gone. */
  readonly after?: unknown;
}

/** Differences of one resource that are told; a list of hundreds helps nobody. */
export const maxDifferences = 100;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of its own: what every object has by birth is none of the document's. */
function member(value: unknown, name: string): unknown {
  return Object.hasOwn(Object(value), name) ? Reflect.get(Object(value), name) : undefined;
}

function escaped(member: string): string {
  return member.replaceAll('~', '~0').replaceAll('/', '~1');
}

/**
 * Where two JSON values differ, in the order of the members; objects and lists are looked into, and everything else is
 * replaced as a whole. At most {@link maxDifferences}.
 */
export function differencesOf(before: unknown, after: unknown): readonly Difference[] {
  const found: Difference[] = [];
  compare('', before, after, found);
  return found;
}

function compare(path: string, before: unknown, after: unknown, found: Difference[]): void {
  if (found.length >= maxDifferences || isDeepStrictEqual(before, after)) {
    return;
  }
  const places = placesOf(before, after);
  if (places === undefined) {
    found.push({
      path,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    });
    return;
  }
  for (const place of places) {
    compare(`${path}/${escaped(place)}`, member(before, place), member(after, place), found);
  }
}

/** The members, or positions, of two values that can be looked into; undefined where one replaces the other. */
function placesOf(before: unknown, after: unknown): readonly string[] | undefined {
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, position) => String(position));
  }
  return undefined;
}
