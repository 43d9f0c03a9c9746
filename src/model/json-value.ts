/** What stands at a path of a JSON value; undefined where nothing does. */
export function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? Reflect.get(value, part)
        : undefined,
    document,
  );
}

/** JSON's name for the type of a value; undefined for undefined. */
export function jsonType(value: unknown): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
