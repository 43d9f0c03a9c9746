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
  if (value !== undefined && value > 100) {
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

/** Reads a number, or a decimal one in text; undefined where it is none. */
export function parseDecimal(value: number | string): number | undefined {
  if (typeof value === 'number') {
    return value;
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined;
}
