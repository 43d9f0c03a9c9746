/** Entries that follow one another; never changed once they are in a map. */
interface Leaf<Value> {
  readonly keys: readonly string[];
  readonly values: readonly Value[];
}

type Entry<Value> = readonly [key: string, value: Value];

/** How many entries a leaf has at the most. */
const maxLeaf = 64;
/** How many it is made with, so that there is room for newcomers. */
const newLeaf = 48;
/** Neighbours that have no more than this together become one. */
const joinedLeaf = 32;

/**
 * An immutable map in the order of its keys (of their UTF-16 code units). The one that follows from it by changes shares with it all
 * leaves that have no part in them: a change costs the entries of one leaf, and a place for each leaf of the map.
 */
export class SortedMap<Value extends object> implements ReadonlyMap<string, Value> {
  readonly size: number;
  readonly #leaves: readonly Leaf<Value>[];

  private constructor(leaves: readonly Leaf<Value>[]) {
    this.#leaves = leaves;
    this.size = leaves.reduce((sum, { keys }) => sum + keys.length, 0);
  }

  static of<Value extends object>(entries: Iterable<Entry<Value>>): SortedMap<Value> {
    return new SortedMap(leavesOf([...entries].sort(byKey)));
  }

  /** The map after these changes; undefined takes a key away. */
  with(changes: ReadonlyMap<string, Value | undefined>): SortedMap<Value> {
    const sorted = [...changes].sort(byKey);
    const before = this.#leaves.length === 0 ? [{ keys: [], values: [] }] : this.#leaves;
    const leaves: Leaf<Value>[] = [];
    let done = 0;
    for (const [index, leaf] of before.entries()) {
      // A key that lies between two leaves belongs to the first of them, and one before all to the first of all.
      const end = before[index + 1]?.keys[0];
      const start = done;
      while (done < sorted.length && (end === undefined || keyOf(sorted[done]) < end)) {
        done += 1;
      }
      if (done === start) {
        append(leaves, leaf);
      } else {
        for (const changed of leavesOf(merged(leaf, sorted.slice(start, done)))) {
          append(leaves, changed);
        }
      }
    }
    return new SortedMap(leaves);
  }

  get(key: string): Value | undefined {
    const leaves = this.#leaves;
    const leaf = leaves[lastUpTo(key, leaves.length, (index) => leaves[index]?.keys[0])];
    if (leaf === undefined) {
      return undefined;
    }
    const { keys, values } = leaf;
    const position = lastUpTo(key, keys.length, (index) => keys[index]);
    return keys[position] === key ? values[position] : undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  forEach(callback: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this) {
      callback(value, key, this);
    }
  }

  *keys(): MapIterator<string> {
    for (const { keys } of this.#leaves) {
      yield* keys;
    }
  }

  *values(): MapIterator<Value> {
    for (const { values } of this.#leaves) {
      yield* values;
    }
  }

  *entries(): MapIterator<[string, Value]> {
    for (const { keys, values } of this.#leaves) {
      for (const [position, value] of values.entries()) {
        yield [keys[position] ?? '', value];
      }
    }
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }
}

const keyOf = (entry: Entry<unknown> | undefined) => entry?.[0] ?? '';

function byKey([a]: Entry<unknown>, [b]: Entry<unknown>): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The last of `length` ordered keys that is not after this one; -1 where there is none. */
function lastUpTo(key: string, length: number, at: (index: number) => string | undefined): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at(middle) ?? '') <= key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

/** The entries of a leaf after ordered changes. */
function merged<Value>(
  { keys, values }: Leaf<Value>,
  changes: readonly Entry<Value | undefined>[],
): readonly Entry<Value>[] {
  const entries: Entry<Value>[] = [];
  let position = 0;
  const copyUpTo = (end: string | undefined) => {
    for (
      let key = keys[position];
      key !== undefined && (end === undefined || key < end);
      key = keys[position]
    ) {
      const value = values[position];
      if (value !== undefined) {
        entries.push([key, value]);
      }
      position += 1;
    }
  };
  for (const [key, value] of changes) {
    copyUpTo(key);
    position += keys[position] === key ? 1 : 0;
    if (value !== undefined) {
      entries.push([key, value]);
    }
  }
  copyUpTo(undefined);
  return entries;
}

/** Leaves of ordered entries: one where they fit, and otherwise of the size of new ones. */
function leavesOf<Value>(entries: readonly Entry<Value>[]): readonly Leaf<Value>[] {
  const size = entries.length <= maxLeaf ? maxLeaf : newLeaf;
  const leaves: Leaf<Value>[] = [];
  for (let start = 0; start < entries.length; start += size) {
    const part = entries.slice(start, start + size);
    leaves.push({ keys: part.map(([key]) => key), values: part.map(([, value]) => value) });
  }
  return leaves;
}

function append<Value>(leaves: Leaf<Value>[], leaf: Leaf<Value>): void {
  const last = leaves.at(-1);
  if (last !== undefined && last.keys.length + leaf.keys.length <= joinedLeaf) {
    leaves[leaves.length - 1] = {
      keys: [...last.keys, ...leaf.keys],
      values: [...last.values, ...leaf.values],
    };
  } else if (leaf.keys.length > 0) {
    leaves.push(leaf);
  }
}
