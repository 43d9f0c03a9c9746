interface Entry<Value> {
  value: Value | undefined;
  /** The refresh under way. */
  running: Promise<Value> | undefined;
  /** One that begins after the one under way, for callers that came in between. */
  next: Promise<Value> | undefined;
}

/** Reads by key; callers at the same time share what they read. */
export type SharedRefresh<Value> = (key: string) => Promise<Value>;

/**
 * Makes reads shared: however many ask at the same time, one refresh runs for them, and none is given one that began
 * before it asked.
 *
 * @param refresh is given what it gave before, which may be older; at most `limit` of them are kept.
 */
export function createSharedRefresh<Value>(
  refresh: (key: string, before: Value | undefined) => Promise<Value>,
  limit: number,
): SharedRefresh<Value> {
  const entries = new Map<string, Entry<Value>>();

  const start = (key: string, entry: Entry<Value>): Promise<Value> => {
    const running = refresh(key, entry.value)
      .then((value) => {
        entry.value = value;
        return value;
      })
      .finally(() => {
        entry.running = undefined;
      });
    entry.running = running;
    return running;
  };

  const startAfter = async (key: string, entry: Entry<Value>, running: Promise<Value>): Promise<Value> => {
    await running.catch(() => undefined);
    entry.next = undefined;
    return start(key, entry);
  };

  return (key) => {
    const entry = entries.get(key) ?? { value: undefined, running: undefined, next: undefined };
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > limit && oldest !== undefined) {
      entries.delete(oldest);
    }
    if (entry.running === undefined) {
      return start(key, entry);
    }
    entry.next ??= startAfter(key, entry, entry.running);
    return entry.next;
  };
}
