import type * as z from 'zod';
import * as proto from './proto-json.ts';
import { serviceTag, type TagOptions, validateSelector } from './tags.ts';
import { field, index, key, type Violations } from './violations.ts';

/** One alternative of a list of selectors: the tags that a proxy must have; `*` stands for any value. */
const selectorSchema = proto.message({ match: proto.map() });

type Selector = z.output<typeof selectorSchema>;

/** A list of selectors, of which one must match. */
export function selectors() {
  return proto.repeated(selectorSchema);
}

/** How a list of selectors is checked. */
export interface SelectorsOptions extends TagOptions {
  /** The list may be empty or absent. */
  readonly optional?: boolean;
  readonly single?: boolean;
}

/** Each selector has to name a service, and nothing else. */
export const serviceSelectors: SelectorsOptions = {
  requireService: true,
  extra: (violations, path, tags) => {
    if (Object.keys(tags).length !== 1 || !Object.hasOwn(tags, serviceTag)) {
      violations.add(path, `must consist of exactly one tag "${serviceTag}"`);
    }
  },
  extraName: (violations, path, name) => {
    if (name !== serviceTag) {
      violations.add(key(path, name), `tag ${JSON.stringify(name)} is not allowed`);
    }
  },
};

/** Checks a list of selectors. */
export function validateSelectors(
  violations: Violations,
  path: string,
  list: readonly Selector[] = [],
  options: SelectorsOptions = {},
): void {
  if (list.length === 0 && options.optional !== true) {
    violations.add(path, 'must have at least one element');
  }
  for (const [position, { match }] of list.entries()) {
    const place = index(path, position);
    validateSelector(violations, field(place, 'match'), match, options);
    if (position > 0 && options.single === true) {
      violations.add(place, 'there can be at most one selector');
    }
  }
}
