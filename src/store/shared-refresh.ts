interface Entry<Value> {
  value: Value | undefined;
  /** The refresh under way. */
  running: Promise<Value> | undefined;
  /** One that begins after the one under way, for callers that came in between. */
  next: Promise<Value> | undefined;
}

/** Makes a value anew out of what it was before, which may be older than any that was given out. */
export type Refresh<Value> = (before: Value | undefined) => Promise<Value>;

/** Values by key that are refreshed each time they are read; callers at the same time share a refresh. */
export interface SharedRefresh<Value> {
  /** A value that was refreshed after the call. However many call at the same time, one refresh runs for them. */
  read(key: string, refresh: Refresh<Value>): Promise<Value>;
  /** What the last refresh gave; undefined where there was none or it is forgotten. */
  last(key: string): Value | undefined;
}

/** @param limit how many values are kept; the one that was read longest ago goes first. */
export function createSharedRefresh<Value>(limit: number): SharedRefresh<Value> {
  const entries = new Map<string, Entry<Value>>();

  const start = (key: string, entry: Entry<Value>, refresh: Refresh<Value>): Promise<Value> => {
    const running = refresh(entry.value)
      .then((value) => {
        entry.value = value;
        // What is not there is not kept: names are for anybody to ask for.
        if (value === undefined && entries.get(key) === entry && entry.next === undefined) {
          entries.delete(key);
        }
        return value;
      })
      .finally(() => {
        entry.running = undefined;
      });
    entry.running = running;
    return running;
  };

  const startAfter = async (
    key: string,
    entry: Entry<Value>,
    running: Promise<Value>,
    refresh: Refresh<Value>,
  ): Promise<Value> => {
    await running.catch(() => undefined);
    entry.next = undefined;
    return start(key, entry, refresh);
  };

  return {
    read(key, refresh) {
      const entry = entries.get(key) ?? { value: undefined, running: undefined, next: undefined };
      entries.delete(key);
      entries.set(key, entry);
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) {
        entries.delete(oldest);
      }
      if (entry.running === undefined) {
        return start(key, entry, refresh);
      }
      entry.next ??= startAfter(key, entry, entry.running, refresh);
      return entry.next;
    },
    last: (key) => entries.get(key)?.value,
  };
}
