/**
 * Objects by what they are made from, so that they are shared. An entry lasts as long as somebody holds its object:
 * the cache never grows beyond what is in use.
 */
export interface WeakCache<Value extends object> {
  /** The object of the key, made where nobody holds one. The key must hold every input of `make`. */
  get(key: string, make: () => Value): Value;
  /** How many entries there are; for tests and measurements. */
  readonly size: number;
}

/** Makes an empty cache. */
export function createWeakCache<Value extends object>(): WeakCache<Value> {
  const entries = new Map<string, WeakRef<Value>>();
  const collected = new FinalizationRegistry<string>((key) => {
    if (entries.get(key)?.deref() === undefined) {
      entries.delete(key);
    }
  });
  return {
    get(key, make) {
      const known = entries.get(key)?.deref();
      if (known !== undefined) {
        return known;
      }
      const value = make();
      entries.set(key, new WeakRef(value));
      collected.register(value, key);
      return value;
    },
    get size() {
      return entries.size;
    },
  };
}
