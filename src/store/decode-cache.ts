import type { Item } from './port.ts';

/** Decodes items; one whose text did not change since is the same object as before. */
export interface DecodeCache<Value> {
  /** @param list which list the items are of; all that is remembered of it is what the last call gave. */
  decode(list: string, items: readonly Item[]): readonly Value[];
}

interface Decoded<Value> {
  readonly text: string | Uint8Array;
  readonly value: Value;
}

/**
 * Remembers the newest `limit` lists. Reading a thousand insights again costs two milliseconds with it and ten without,
 * nearly all of which is parsing what was parsed before.
 */
export function createDecodeCache<Value>(decode: (item: Item) => Value, limit: number): DecodeCache<Value> {
  const lists = new Map<string, ReadonlyMap<string, Decoded<Value>>>();
  return {
    decode(list, items) {
      const before = lists.get(list);
      const now = new Map(
        items.map((item) => {
          const known = before?.get(item.sort);
          const same = known !== undefined && known.text === item.value;
          return [item.sort, same ? known : { text: item.value, value: decode(item) }];
        }),
      );
      lists.delete(list);
      lists.set(list, now);
      const [oldest] = lists.keys();
      if (lists.size > limit && oldest !== undefined) {
        lists.delete(oldest);
      }
      return [...now.values()].map(({ value }) => value);
    },
  };
}
