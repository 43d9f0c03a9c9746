import * as z from 'zod';
import { field } from './field.ts';

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

/** `google.protobuf.UInt32Value`: 0 is kept. */
export function uint32Value() {
  return field(uint32Schema().exactOptional(), toNumber);
}

/** A list of `uint32` or `google.protobuf.UInt32Value`; the empty one counts as absent. */
export function uint32s() {
  return field(z.array(uint32Schema()).exactOptional(), (value) => {
    if (!Array.isArray(value)) {
      return value;
    }
    return value.length === 0 ? undefined : value.map((item: unknown) => toNumber(item ?? 0));
  });
}

/** `google.protobuf.DoubleValue`: 0 is kept. */
export function doubleValue() {
  return field(z.number().exactOptional(), toNumber);
}

/** `google.protobuf.FloatValue`: 0 is kept; digits that 32 bits do not hold are lost. */
export function floatValue() {
  return field(z.float32().exactOptional(), (value) => {
    const number = toNumber(value);
    return typeof number === 'number' ? shortestFloat(number) : number;
  });
}

/** The shortest decimal number that is the same float of 32 bits, as Go prints it. */
function shortestFloat(number: number): number {
  const float = Math.fround(number);
  for (let digits = 1; digits <= 9; digits += 1) {
    const candidate = Number(float.toPrecision(digits));
    if (Math.fround(candidate) === float) {
      return candidate;
    }
  }
  return number;
}

function uint32Schema() {
  return z.int().min(0).max(0xffff_ffff);
}

function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? Number(value) : value;
}
