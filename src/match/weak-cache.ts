/**
 * Objects by what they are made from, so that they are shared. An entry lasts as long as somebody holds its object:
 * the cache never grows beyond what is in use.
 */
export interface WeakCache<Value extends object> {
  /** The object of the key, made where nobody holds one. The key must hold every input of `make`. */
  get(key: string, make: () => Value): Value;
  /** The object of the key, where somebody holds one. */
  find(key: string): Value | undefined;
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
  const find = (key: string) => entries.get(key)?.deref();
  return {
    get(key, make) {
      let value = find(key);
      if (value === undefined) {
        value = make();
        entries.set(key, new WeakRef(value));
        collected.register(value, key);
      }
      return value;
    },
    find,
    get size() {
      return entries.size;
    },
  };
}
