import { z } from 'zod';
import { DurationError, formatProtoDuration, parseDuration } from './duration.ts';

/**
 * Zod schemas that read JSON as Kuma's older types do, which are protobuf messages
 * (https://protobuf.dev/programming-guides/json): unknown fields are dropped, a field may be named in camel or snake
 * case, numbers may come as text, enums as number, and a field with its default value counts as absent.
 * What comes out is what the reference stores and returns.
 */

/** Prepares the JSON value of a field for its schema; `undefined` makes the field absent. */
interface Reader {
  readonly read: (value: unknown) => unknown;
}

const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const readers = z.registry<Reader>();

function field<S extends z.ZodType>(schema: S, read: Reader['read']): S {
  readers.add(schema, { read });
  return schema;
}

/** Text; the empty one counts as absent. */
export function string() {
  return field(z.string().exactOptional(), (value) => (value === '' ? undefined : value));
}

/** Text of a `oneof`, where empty and absent differ. */
export function presentString() {
  return field(z.string().exactOptional(), (value) => value);
}

/** A `uint32`, as number or text; 0 counts as absent. */
export function uint32() {
  return field(uint32Schema().exactOptional(), (value) => {
    const number = toNumber(value);
    return number === 0 ? undefined : number;
  });
}

/** A `uint64`, which JSON writes as text; 0 counts as absent. */
export function uint64() {
  return field(
    z
      .string()
      .regex(/^\d{1,20}$/)
      .exactOptional(),
    (value) => {
      const digits = typeof value === 'number' ? String(value) : value;
      return digits === '0' ? undefined : digits;
    },
  );
}

/** `google.protobuf.Timestamp`, as RFC 3339. */
export function timestamp() {
  return field(z.iso.datetime({ offset: true }).exactOptional(), (value) => value);
}

/** A boolean; false counts as absent. */
export function bool() {
  return field(z.boolean().exactOptional(), (value) => (value === false ? undefined : value));
}

/** `google.protobuf.BoolValue`: false is kept. */
export function boolValue() {
  return field(z.boolean().exactOptional(), (value) => value);
}

/** `google.protobuf.UInt32Value`: 0 is kept. */
export function uint32Value() {
  return field(uint32Schema().exactOptional(), toNumber);
}

/** `google.protobuf.DoubleValue`: 0 is kept. */
export function doubleValue() {
  return field(z.number().exactOptional(), toNumber);
}

/** `google.protobuf.BytesValue` as padded base64 (RFC 4648, section 4; line breaks are ignored); empty bytes are kept. */
export function bytesValue() {
  return field(base64Schema(), canonicalBase64);
}

/** The same, where empty bytes count as absent. */
export function nonEmptyBytesValue() {
  return field(base64Schema(), (value) => (value === '' ? undefined : canonicalBase64(value)));
}

/**
 * An enum by name or number; the first value is its default and counts as absent.
 *
 * @param type the enum's full name, for messages.
 */
export function enumeration<const Names extends readonly [string, ...string[]]>(type: string, names: Names) {
  const schema = z.enum(names, {
    error: ({ input }) =>
      `unknown value ${JSON.stringify(JSON.stringify(input))} for enum kuma.mesh.v1alpha1.${type}`,
  });
  return field(schema.exactOptional(), (value) => {
    const name = typeof value === 'number' ? (names[value] ?? value) : value;
    return name === names[0] ? undefined : name;
  });
}

/** `google.protobuf.Duration`: Go's notation in, seconds (`1.500s`) out; zero is kept. */
export function duration() {
  return field(z.string().superRefine(checkDuration).exactOptional(), (value) => {
    try {
      return typeof value === 'string' ? formatProtoDuration(parseDuration(value)) : value;
    } catch {
      return value;
    }
  });
}

/** `map<string, string>`, ordered by key; the empty one counts as absent. */
export function map() {
  return field(z.record(z.string(), z.string()).exactOptional(), (value) => {
    if (!isObject(value)) {
      return value;
    }
    const entries = Object.entries(value).map(([name, text]) => [name, text ?? ''] as const);
    return entries.length === 0
      ? undefined
      : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** A list of messages; the empty one counts as absent. */
export function repeated<S extends z.ZodType>(item: S) {
  return field(z.array(item).exactOptional(), (value) =>
    Array.isArray(value) && value.length === 0 ? undefined : value,
  );
}

/** A list of texts; the empty one counts as absent. */
export function strings() {
  return field(z.array(z.string()).exactOptional(), (value) => {
    if (!Array.isArray(value)) {
      return value;
    }
    return value.length === 0 ? undefined : value.map((text: unknown) => text ?? '');
  });
}

/** A message within a message; the empty one is kept. */
export function optional<S extends z.ZodType>(schema: S) {
  return field(schema.exactOptional(), (value) => value);
}

/** `google.protobuf.Struct`: any JSON object. */
export function struct() {
  return field(z.record(z.string(), z.json()).exactOptional(), (value) => value);
}

/** A message. Its fields are schemas of this module. */
export function message<Shape extends z.ZodRawShape>(shape: Shape) {
  const fields = Object.entries(shape).map(([name, schema]) => ({
    name,
    original: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    read: schema instanceof z.ZodType ? readers.get(schema)?.read : undefined,
  }));
  return z.preprocess((value) => {
    // Only a list can hold a null here, and then it stands for a message without fields.
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
  }, z.object(shape));
}

function base64Schema() {
  return z.base64('illegal base64 data').exactOptional();
}

function canonicalBase64(value: unknown): unknown {
  const text = typeof value === 'string' ? value.replace(/[\r\n]/g, '') : value;
  return typeof text === 'string' && isBase64.test(text)
    ? Buffer.from(text, 'base64').toString('base64')
    : text;
}

function uint32Schema() {
  return z.int().min(0).max(0xffff_ffff);
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? Number(value) : value;
}

function checkDuration(text: string, context: z.RefinementCtx): void {
  try {
    parseDuration(text);
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `bad Duration: ${error instanceof DurationError ? error.message : String(error)}`,
    });
  }
}

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
