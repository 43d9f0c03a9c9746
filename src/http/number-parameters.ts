import type { Violations } from '../model/violations.ts';

/** A number in a query: what it may be, and how it is written. */
export interface NumberParameter {
  readonly min: number;
  readonly max: number;
  readonly pattern: RegExp;
}

/** A revision of a mesh. */
export const revisionParameter: NumberParameter = { min: 0, max: 10 ** 12 - 1, pattern: /^\d{1,12}$/ };

/** How long to wait, in seconds: an HTTP API of API Gateway ends a request after 30 s, and the function needs some of it. */
export const waitParameter: NumberParameter = { min: 0, max: 20, pattern: /^\d{1,3}(\.\d{1,3})?$/ };

/** Reads a parameter; undefined where there is none or it is empty. What cannot be is added to the violations. */
export function readNumber(
  query: URLSearchParams,
  name: string,
  { min, max, pattern }: NumberParameter,
  violations: Violations,
): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') {
    return undefined;
  }
  const value = pattern.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    violations.add(name, `must be a number from ${min} to ${max}, got ${text.slice(0, 40)}`);
  }
  return value;
}
