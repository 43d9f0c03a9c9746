import * as z from 'zod';
import { field, isObject, readerOf } from './field.ts';

/**
 * A message. Its fields are schemas of this module.
 *
 * @param oneofs the names of fields of which only one can be set; of several that a document sets the last of the list
 *   counts, as in the reference.
 */
export function message<Shape extends z.ZodRawShape>(
  shape: Shape,
  ...oneofs: readonly (readonly (keyof Shape & string)[])[]
) {
  const fields = Object.entries(shape).map(([name, schema]) => ({
    name,
    original: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    read: readerOf(schema),
  }));
  return z.preprocess(
    (value) => {
      // Only a list or a map can hold a null here, and then it stands for a message without fields.
      if (value === null) {
        return {};
      }
      if (!isObject(value)) {
        return value;
      }
      const known: Record<string, unknown> = {};
      for (const { name, original, read } of fields) {
        const given = Object.hasOwn(value, name) ? value[name] : own(value, original);
        const taken =
          given === undefined || given === null ? undefined : read === undefined ? given : read(given);
        if (taken !== undefined) {
          known[name] = taken;
        }
      }
      return known;
    },
    z.object(shape).overwrite((value) => {
      for (const names of oneofs) {
        for (const name of names.filter((each) => Object.hasOwn(value, each)).slice(0, -1)) {
          Reflect.deleteProperty(value, name);
        }
      }
      return value;
    }),
  );
}

/** A message within a message; the empty one is kept. */
export function optional<S extends z.ZodType>(schema: S) {
  return field(schema.exactOptional(), (value) => value);
}

/** A list of messages; the empty one counts as absent. */
export function repeated<S extends z.ZodType>(item: S) {
  return field(z.array(item).exactOptional(), (value) =>
    Array.isArray(value) && value.length === 0 ? undefined : value,
  );
}

/** `map<string, string>`, ordered by key; the empty one counts as absent. */
export function map() {
  return field(textMapSchema().exactOptional(), (value) =>
    isObject(value) && Object.keys(value).length === 0 ? undefined : textMap(value),
  );
}

/** `map<string, string>`, ordered by key; the empty one is kept, where a rule tells it from an absent one. */
export function presentMap() {
  return field(textMapSchema().exactOptional(), textMap);
}

/** A map of messages, ordered by key; the empty one is kept. */
export function messageMap<S extends z.ZodType>(item: S) {
  return field(z.record(z.string(), item).exactOptional(), ordered);
}

/** `google.protobuf.Struct`: any JSON object. */
export function struct() {
  return field(z.record(z.string(), z.json()).exactOptional(), (value) => value);
}

function textMapSchema() {
  return z.record(z.string(), z.string());
}

function textMap(value: unknown): unknown {
  return ordered(
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, text ?? '']))
      : value,
  );
}

function ordered(value: unknown): unknown {
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    : value;
}

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
