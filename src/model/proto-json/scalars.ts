import * as z from 'zod';
import { DurationError, formatProtoDuration, parseDuration } from '../duration.ts';
import { field } from './field.ts';

/** Text; the empty one counts as absent. */
export function string() {
  return field(z.string().exactOptional(), (value) => (value === '' ? undefined : value));
}

/** Text of a `oneof`, or `google.protobuf.StringValue`, where empty and absent differ. */
export function presentString() {
  return field(z.string().exactOptional(), (value) => value);
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

/** A boolean; false counts as absent. */
export function bool() {
  return field(z.boolean().exactOptional(), (value) => (value === false ? undefined : value));
}

/** `google.protobuf.BoolValue`: false is kept. */
export function boolValue() {
  return field(z.boolean().exactOptional(), (value) => value);
}

/** `google.protobuf.Timestamp`, as RFC 3339. */
export function timestamp() {
  return field(z.iso.datetime({ offset: true }).exactOptional(), (value) => value);
}

/** `google.protobuf.Duration`: Go's notation in, seconds (`1.500s`) out; zero is kept. */
export function duration() {
  const schema = z.string().superRefine(checkDuration).describe('Such as 1h30m or 500ms.');
  return field(schema.exactOptional(), (value) => {
    try {
      return typeof value === 'string' ? formatProtoDuration(parseDuration(value)) : value;
    } catch {
      return value;
    }
  });
}

/**
 * An enum by name or number; the first value is its default and counts as absent.
 *
 * @param type the enum's full name, for messages.
 * @param numbers those of the names, where they are not counted from 0.
 */
export function enumeration<const Names extends readonly [string, ...string[]]>(
  type: string,
  names: Names,
  numbers: readonly number[] = [...names.keys()],
) {
  return field(enumSchema(type, names).exactOptional(), (value) => {
    const name = typeof value === 'number' ? (names[numbers.indexOf(value)] ?? value) : value;
    return name === names[0] ? undefined : name;
  });
}

/** A list of an enum's values, the default included; the empty one counts as absent. */
export function enumerations<const Names extends readonly [string, ...string[]]>(type: string, names: Names) {
  return field(z.array(enumSchema(type, names)).exactOptional(), (value) => {
    if (!Array.isArray(value)) {
      return value;
    }
    return value.length === 0
      ? undefined
      : value.map((item: unknown) => (typeof item === 'number' ? (names[item] ?? item) : (item ?? names[0])));
  });
}

function enumSchema<const Names extends readonly [string, ...string[]]>(type: string, names: Names) {
  return z.enum(names, {
    error: ({ input }) =>
      `unknown value ${JSON.stringify(JSON.stringify(input))} for enum kuma.mesh.v1alpha1.${type}`,
  });
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
