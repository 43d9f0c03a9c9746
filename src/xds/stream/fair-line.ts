/** How many come before somebody who joins a line now, and what is theirs. */
export interface Place {
  /** At the most, if nobody else comes: those of other groups only as far as it is their turn. */
  readonly ahead: number;
  /** Of its own group, the innermost one. */
  readonly own: number;
  /** What part of the whole line is its group's, where every group has as much as those beside it: 1 where there is no other. */
  readonly share: number;
}

/** A line in which groups take turns, and within a group those who came first. */
export interface FairLine<Item> {
  /** Joins at the end of its group; call what is given back to step out, which may be late or done twice. */
  push(item: Item): () => void;
  /** Whose turn it is; undefined where nobody waits. */
  shift(): Item | undefined;
  /** Where the item would stand. */
  placeOf(item: Item): Place;
  readonly size: number;
}

/** One place in the line; whoever stepped out leaves it empty until its turn. */
interface Entry<Item> {
  item: Item | undefined;
  /** The rows that it is counted in. */
  readonly rows: Row<Item>[];
}

type Grouping<Item> = (item: Item) => string;

/** Those of one group, or of all: in rounds over the groups in it, or in the order in which they came. */
class Row<Item> {
  /** Without those who stepped out. */
  size = 0;
  readonly #grouping: Grouping<Item> | undefined;
  readonly #inner: readonly Grouping<Item>[];
  /** Whose turn is longest ago comes first. Rows that are empty are found when it is their turn. */
  readonly #rows = new Map<string, Row<Item>>();
  #entries: Entry<Item>[] = [];
  #first = 0;

  readonly #crowd: number;
  #newestNext = false;

  constructor([grouping, ...inner]: readonly Grouping<Item>[], crowd: number) {
    this.#grouping = grouping;
    this.#inner = inner;
    this.#crowd = crowd;
  }

  add(item: Item, entry: Entry<Item>): void {
    this.size += 1;
    entry.rows.push(this);
    if (this.#grouping === undefined) {
      this.#entries.push(entry);
      return;
    }
    const group = this.#grouping(item);
    const row = this.#rows.get(group) ?? new Row<Item>(this.#inner, this.#crowd);
    this.#rows.set(group, row);
    row.add(item, entry);
  }

  next(): Entry<Item> | undefined {
    if (this.#grouping === undefined) {
      return this.#nextEntry();
    }
    for (const [group, row] of this.#rows) {
      this.#rows.delete(group);
      const entry = row.next();
      if (row.size > 0) {
        this.#rows.set(group, row);
      }
      if (entry !== undefined) {
        return entry;
      }
    }
    return undefined;
  }

  #nextEntry(): Entry<Item> | undefined {
    this.#newestNext = this.size > this.#crowd && !this.#newestNext;
    return this.#newestNext ? this.#newest() : this.#oldest();
  }

  #newest(): Entry<Item> | undefined {
    while (this.#entries.length > this.#first) {
      const entry = this.#entries.pop();
      if (entry?.item !== undefined) {
        return entry;
      }
    }
    return undefined;
  }

  /** Takes entries from the front; what is behind is moved up now and then, not each time. */
  #oldest(): Entry<Item> | undefined {
    while (this.#first < this.#entries.length) {
      const entry = this.#entries[this.#first];
      this.#first += 1;
      if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
        this.#entries = this.#entries.slice(this.#first);
        this.#first = 0;
      }
      if (entry?.item !== undefined) {
        return entry;
      }
    }
    return undefined;
  }

  placeOf(item: Item): Place {
    if (this.#grouping === undefined) {
      return { ahead: this.size, own: this.size, share: 1 };
    }
    const own = this.#rows.get(this.#grouping(item));
    const inner = own?.placeOf(item) ?? { ahead: 0, own: 0, share: 1 };
    let { ahead } = inner;
    let groups = 1;
    for (const row of this.#rows.values()) {
      if (row !== own && row.size > 0) {
        ahead += Math.min(row.size, inner.ahead + 1);
        groups += 1;
      }
    }
    return { ahead, own: inner.own, share: inner.share / groups };
  }
}

/**
 * Makes a {@link FairLine}.
 *
 * @param groupings what tells the groups, then the groups within a group, and so on; one row without any.
 */
export function createFairLine<Item>(...groupings: readonly Grouping<Item>[]): FairLine<Item> {
  return createFairCrowd(Number.POSITIVE_INFINITY, ...groupings);
}

/**
 * The same for those of whom some wait for a short time only: where more than `crowd` wait in one group, every other turn is that
 * of whoever came last. In the order in which they came, everybody might be served when they have just given up.
 */
export function createFairCrowd<Item>(
  crowd: number,
  ...groupings: readonly Grouping<Item>[]
): FairLine<Item> {
  const all = new Row<Item>(groupings, crowd);
  const leave = (entry: Entry<Item>) => {
    if (entry.item === undefined) {
      return;
    }
    entry.item = undefined;
    for (const row of entry.rows) {
      row.size -= 1;
    }
  };

  return {
    push(item) {
      const entry: Entry<Item> = { item, rows: [] };
      all.add(item, entry);
      return () => leave(entry);
    },
    shift() {
      const entry = all.next();
      const item = entry?.item;
      if (entry !== undefined) {
        leave(entry);
      }
      return item;
    },
    placeOf: (item) => all.placeOf(item),
    get size() {
      return all.size;
    },
  };
}
