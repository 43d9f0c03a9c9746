import * as z from 'zod';

/** Prepares the JSON value of a field for its schema; `undefined` makes the field absent. */
export type Read = (value: unknown) => unknown;

const readers = z.registry<{ readonly read: Read }>();

/** Notes how the JSON value of a field is prepared for its schema. */
export function field<S extends z.ZodType>(schema: S, read: Read): S {
  readers.add(schema, { read });
  return schema;
}

/** How the JSON value of a field is prepared; undefined where it is taken as it is. */
export function readerOf(schema: unknown): Read | undefined {
  return schema instanceof z.ZodType ? readers.get(schema)?.read : undefined;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
