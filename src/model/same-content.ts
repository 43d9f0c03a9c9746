import { isDeepStrictEqual } from 'node:util';
import type { Labels } from './labels.ts';

/** What of a resource its writers decide. */
interface Content {
  readonly labels: Labels;
  readonly spec: unknown;
}

/** Whether two versions of a resource say the same, whatever the order of their members, so that a write changes nothing. */
export function sameContent(a: Content, b: Content): boolean {
  return isDeepStrictEqual(a.labels, b.labels) && isDeepStrictEqual(a.spec, b.spec);
}
