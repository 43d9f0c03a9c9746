import { isDeepStrictEqual } from 'node:util';
import type { Labels } from './labels.ts';
import { SecretValue } from './secret-value.ts';

/** What of a resource its writers decide. */
interface Content {
  readonly labels: Labels;
  readonly spec: unknown;
}

/**
 * Whether two versions of a resource say the same, whatever the order of their members, so that a write changes nothing.
 * A member that is undefined has no place in JSON and counts as absent.
 */
export function sameContent(a: Content, b: Content): boolean {
  return isDeepStrictEqual(a.labels, b.labels) && same(a.spec ?? {}, b.spec ?? {});
}

function same(a: unknown, b: unknown): boolean {
  if (a instanceof SecretValue && b instanceof SecretValue) {
    return a.reveal() === b.reveal();
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, position) => same(element, b[position]));
  }
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => same(member(a, name), member(b, name)));
  }
  return Object.is(a, b);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SecretValue)
  );
}

/** A member of its own: what every object has by birth is none of the document's. */
function member(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
