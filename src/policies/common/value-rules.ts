import { parseDuration } from '../../model/duration.ts';
import type { Violations } from '../../model/violations.ts';

/** A timeout that may be switched off by 0. */
export function validateNotNegative(
  violations: Violations,
  path: string,
  duration: string | undefined,
): void {
  if (duration !== undefined && parseDuration(duration) < 0n) {
    violations.add(path, 'must not be negative when defined');
  }
}

/** A duration that is more than nothing, where it is given. */
export function validatePositiveDuration(
  violations: Violations,
  path: string,
  duration: string | undefined,
  message = 'must be greater than zero when defined',
): void {
  if (duration !== undefined && parseDuration(duration) <= 0n) {
    violations.add(path, message);
  }
}

/** A number greater than 0, where it is given. */
export function validatePositiveNumber(
  violations: Violations,
  path: string,
  value: number | undefined,
): void {
  if (value !== undefined && value <= 0) {
    violations.add(path, 'must be greater than 0');
  }
}

/** A whole percentage, where it is given. */
export function validateWholePercentage(
  violations: Violations,
  path: string,
  value: number | undefined,
): void {
  if (value !== undefined && (value < 0 || value > 100)) {
    violations.add(path, 'must be in inclusive range [0, 100]');
  }
}

/** A percentage as number or decimal text, where it is given. */
export function validatePercentage(
  violations: Violations,
  path: string,
  value: number | string | undefined,
): void {
  if (value === undefined) {
    return;
  }
  const percentage = parseDecimal(value);
  if (percentage === undefined) {
    violations.add(path, 'string must be a valid number');
  } else if (percentage < 0 || percentage > 100) {
    violations.add(path, 'must be in inclusive range [0.0, 100.0]');
  }
}

/** A number as whole number or decimal text that is 0 or more, where it is given. */
export function validateNotBelowZero(
  violations: Violations,
  path: string,
  value: number | string | undefined,
): void {
  const number = value === undefined ? 0 : parseDecimal(value);
  if (number === undefined) {
    violations.add(path, 'string must be a valid number');
  } else if (number < 0) {
    violations.add(path, 'must be greater or equal then: 0');
  }
}

/** The status code of an HTTP answer. */
export function validateStatusCode(violations: Violations, path: string, status: number): void {
  if (status < 100 || status > 599) {
    violations.add(path, 'must be in inclusive range [100, 599]');
  }
}

/** Reads a number, or a decimal one in text; undefined where it is none. */
export function parseDecimal(value: number | string): number | undefined {
  if (typeof value === 'number') {
    return value;
  }
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined;
}
