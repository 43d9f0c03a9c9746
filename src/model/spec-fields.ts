import { z } from 'zod';
import { DurationError, formatDuration, parseDuration } from './duration.ts';
import { decodeIssue } from './schema-issues.ts';

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
    });
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

/** A field that the reference fills in where it is absent or null. */
export function withDefault<S extends z.ZodType>(value: z.output<S>, schema: S) {
  return z.preprocess((given) => given ?? value, schema.meta({ default: value }));
}

/**
 * @param format how the schema calls it: what the issues of a wrong type say, see `schema-issues.ts`.
 * @param type the decoder's type, which holds no more than the bounds.
 */
function integer(format: string, lowest: number, highest: number, type: string) {
  return z.int({ error: format }).superRefine((value, context) => {
    if (value < lowest || value > highest) {
      decodeIssue(context, `json: cannot unmarshal number ${value} into Go value of type ${type}`);
    }
  });
}
