/** What a policy says, as the JSON of its `default`. */
export type Conf = Readonly<Record<string, unknown>>;

/**
 * Merges what several policies say, the most specific last, as Kuma does: a JSON merge patch (RFC 7396) at a time,
 * except that lists under names such as `appendMatch` are added to one another.
 */
export function mergeConfs(confs: readonly Conf[]): Conf {
  const [first = {}, ...others] = confs;
  return others.reduce<Conf>((merged, conf) => mergePatch(merged, conf), first);
}

const appended = /^append[A-Z]/;

function mergePatch(target: Conf, patch: Conf): Conf {
  const merged: Record<string, unknown> = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    const before = Object.hasOwn(merged, name) ? merged[name] : undefined;
    if (value === null) {
      delete merged[name];
    } else if (isObject(value)) {
      define(merged, name, mergePatch(isObject(before) ? before : {}, value));
    } else if (Array.isArray(value) && Array.isArray(before) && appended.test(name)) {
      define(merged, name, [...before, ...value]);
    } else {
      define(merged, name, value);
    }
  }
  return merged;
}

/** Sets a member whatever its name, `__proto__` included. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

export function isObject(value: unknown): value is Conf {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
