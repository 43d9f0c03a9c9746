/** Names that somebody was let in under: those who come with another one wait with all other strangers. */
export interface KnownNames {
  has(name: string): boolean;
  /** Somebody was let in under the name; the ones that were not heard of for longest are forgotten. */
  add(name: string): void;
}

/** Remembers at most `limit` names. */
export function createKnownNames(limit: number): KnownNames {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add(name) {
      names.delete(name);
      names.add(name);
      const [oldest] = names;
      if (names.size > limit && oldest !== undefined) {
        names.delete(oldest);
      }
    },
  };
}
