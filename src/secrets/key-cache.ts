import type { Clock } from '../model/ports.ts';

export interface KeyCacheOptions {
  readonly clock: Clock;
  /** Milliseconds after which a key is made anew. */
  readonly maxAge: number;
  /** How often one key is given out. */
  readonly maxUses: number;
  /** How many keys are held; the one that was least recently used goes first. */
  readonly maxKeys: number;
}

/** Keys that are dear to make, held for a bounded time, number of uses and count. */
export interface KeyCache<Key> {
  /** The key of that name; `make` is called once however many ask at the same time, and again where it failed. */
  get(name: string, make: () => Promise<Key>): Promise<Key>;
}

interface Entry<Key> {
  readonly key: Promise<Key>;
  readonly expires: number;
  uses: number;
}

export function createKeyCache<Key>(options: KeyCacheOptions): KeyCache<Key> {
  const { clock, maxAge, maxUses, maxKeys } = options;
  const entries = new Map<string, Entry<Key>>();

  function add(name: string, make: () => Promise<Key>): Entry<Key> {
    const entry: Entry<Key> = { key: make(), expires: clock() + maxAge, uses: 0 };
    entry.key.catch(() => {
      if (entries.get(name) === entry) entries.delete(name);
    });
    const oldest = entries.keys().next();
    if (entries.size >= maxKeys && oldest.done !== true) entries.delete(oldest.value);
    return entry;
  }

  return {
    get(name, make) {
      const held = entries.get(name);
      // Deleted and set again below, so that the map's order is that of use.
      entries.delete(name);
      const usable = held !== undefined && held.expires > clock() && held.uses < maxUses;
      const entry = usable ? held : add(name, make);
      entry.uses += 1;
      entries.set(name, entry);
      return entry.key;
    },
  };
}
