import * as z from 'zod';
import { DurationError, formatDuration, parseDuration } from './duration.ts';
import { decodeIssue } from './schema-issues.ts';

/** What JSON Schema can say of a duration. */
const durationPattern = '^[-+]?(0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$';

/** A duration in Go's notation; stored as Go prints it (`1h` becomes `1h0m0s`). */
export function duration() {
  return z
    .string()
    .superRefine((text, context) => {
      try {
        parseDuration(text);
      } catch (error) {
        decodeIssue(context, error instanceof DurationError ? error.message : String(error));
      }
    })
    .overwrite((text) => {
      try {
        return formatDuration(parseDuration(text));
      } catch {
        return text;
      }
    })
    .meta({ pattern: durationPattern });
}

/** Go's `uint32`. */
export function uint32() {
  return integer('int32', 0, 0xffff_ffff, 'uint32');
}

/** Go's `int32`. */
export function int32() {
  return integer('int32', -0x8000_0000, 0x7fff_ffff, 'int32');
}

/** Go's `int64`, as far as JSON numbers are exact. */
export function int64() {
  return integer('int64', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'int64');
}

/** A whole number of no format of its own, 0 or more, as far as JSON numbers are exact. */
export function wholeNumber() {
  return z.int({ error: 'integer' }).min(0);
}

/** A whole number, or a decimal one as text. */
export function intOrString() {
  return z.union([int32(), z.string()]);
}

/** The same where it has to be there: null, which the reference's schema lets through, is decoded as 0. */
export function requiredIntOrString() {
  return z.preprocess((given) => (given === null ? 0 : given), intOrString());
}

/** A list of so many items at most. What is wrong with its items is told even if there are too many, unlike zod's own. */
export function listOf<S extends z.ZodType>(item: S, most: number) {
  // zod leaves the items of a list unread where the first check of the list is its length.
  return z
    .array(item)
    .overwrite((list) => list)
    .max(most);
}

/** Bytes as padded base64 (RFC 4648, section 4), kept as they are given; empty ones are refused, as in the reference. */
export function bytes() {
  return z
    .string({ error: 'byte' })
    .superRefine((text, context) => {
      if (!isBase64.test(text)) {
        context.addIssue({ code: 'custom', message: 'is no base64', params: { format: 'byte' } });
      }
    })
    .meta({ format: 'byte' });
}

const isBase64 = /^(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** An object of which these members may also be null, which counts as absent. */
export function withoutNulls<S extends z.ZodObject>(names: readonly (keyof z.output<S>)[], schema: S) {
  return z.preprocess((given) => {
    const nulls = names.filter((name) => Object(given)[name] === null);
    return nulls.length === 0
      ? given
      : Object.fromEntries(Object.entries(Object(given)).filter(([name]) => !nulls.includes(name)));
  }, schema);
}

/** A field that the reference fills in where it is absent or null. */
export function withDefault<S extends z.ZodType>(value: z.output<S>, schema: S) {
  // The second default tells JSON Schema that a document may leave the field out; the first one is for null.
  return z.preprocess((given) => given ?? value, schema.meta({ default: value })).prefault(value);
}

/**
 * @param format how the schema calls it: what the issues of a wrong type say, see `schema-issues.ts`.
 * @param type the decoder's type, which holds no more than the bounds. They are in the schema's metadata as well, apart
 *   from those that a check of the schema may set.
 */
function integer(format: string, lowest: number, highest: number, type: string) {
  // A number beyond those that JSON holds exactly is none of these: it ends the reading of this branch of a union.
  return z
    .int({ error: format, abort: true })
    .superRefine((value, context) => {
      if (value < lowest || value > highest) {
        decodeIssue(context, `json: cannot unmarshal number ${value} into Go value of type ${type}`);
      }
    })
    .meta({ lowest, highest });
}
