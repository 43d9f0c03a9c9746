/** A condition on one tag; with `not`, the tag must have another value or be absent. */
export interface TagCondition {
  readonly key: string;
  readonly value: string;
  readonly not: boolean;
}

/** A set of proxies or services: those that meet every condition. Without conditions it is all of them. */
export type Subset = readonly TagCondition[];

/** The conditions that tags set, in the order of their keys. */
export function subsetOf(tags: Readonly<Record<string, string>>): Subset {
  return Object.entries(tags)
    .sort(([a], [b]) => compare(a, b))
    .map(([key, value]) => ({ key, value, not: false }));
}

export function countPositive(subset: Subset): number {
  return subset.filter(({ not }) => !not).length;
}

/**
 * Whether something with these tags is in the subset. A tag that it does not have meets a negative condition; something
 * without any tag is in no subset but the whole.
 */
export function contains(subset: Subset, tags: Readonly<Record<string, string>>): boolean {
  if (subset.length === 0) {
    return true;
  }
  if (Object.keys(tags).length === 0) {
    return false;
  }
  return subset.every(({ key, value, not }) =>
    Object.hasOwn(tags, key) ? (tags[key] === value) !== not : not,
  );
}

/** Whether every member of `inner` is sure to be a member of `outer`. */
export function isSubset(inner: Subset, outer: Subset): boolean {
  return outer.every((condition) => {
    const same = inner.filter(({ key }) => key === condition.key);
    return same.length > 0 && same.every((other) => implies(other, condition));
  });
}

function implies(inner: TagCondition, outer: TagCondition): boolean {
  if (inner.not === outer.not) {
    return inner.value === outer.value;
  }
  return outer.not && inner.value !== outer.value;
}

/** Whether something can be in both. Only positive conditions are looked at. */
export function intersect(a: Subset, b: Subset): boolean {
  return a.every(
    (one) => one.not || b.every((other) => other.not || other.key !== one.key || other.value === one.value),
  );
}

/** One text for each subset, whatever the order of its conditions. */
export function subsetText(subset: Subset): string {
  return JSON.stringify(
    [...subset]
      .sort((a, b) => compare(a.key, b.key) || compare(a.value, b.value) || Number(a.not) - Number(b.not))
      .map(({ key, value, not }) => [key, value, not]),
  );
}

/**
 * All ways to choose one value, or none of the values, for every key that the conditions name. Together they are
 * everything, and no two overlap.
 *
 * The order is that of a counter whose first digit is the first key: the last value first, no value after the first
 * one; the choice that starts the count comes last.
 */
export function* partition(conditions: readonly TagCondition[]): Generator<Subset> {
  const keys = valuesByKey(conditions);
  const digits = keys.map(() => 0);
  for (;;) {
    let position = 0;
    while (position < keys.length) {
      const digit = (digits[position] ?? 0) + 1;
      const values = keys[position]?.[1] ?? [];
      digits[position] = digit <= values.length ? digit : 0;
      if (digit <= values.length) {
        break;
      }
      position++;
    }
    yield keys.flatMap(([key, values], at) => choice(key, values, digits[at] ?? 0));
    if (position === keys.length) {
      return;
    }
  }
}

/** How many subsets {@link partition} gives. */
export function partitionSize(conditions: readonly TagCondition[]): number {
  return valuesByKey(conditions).reduce((size, [, values]) => size * (values.length + 1), 1);
}

function valuesByKey(conditions: readonly TagCondition[]): readonly (readonly [string, readonly string[]])[] {
  const keys = new Map<string, Set<string>>();
  for (const { key, value } of conditions) {
    const values = keys.get(key) ?? new Set();
    keys.set(key, values.add(value));
  }
  return [...keys].map(([key, values]) => [key, [...values]] as const);
}

function choice(key: string, values: readonly string[], digit: number): Subset {
  const value = values[values.length - digit - 1];
  return value === undefined
    ? values.map((other) => ({ key, value: other, not: true }))
    : [{ key, value, not: false }];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
