import { parseDuration } from '../../../model/duration.ts';
import type { Violations } from '../../../model/violations.ts';

export const empty = 'cannot be empty';
export const undefinedValue = 'has to be defined';
const zero = 'has to be greater than 0';
const zeroWhenDefined = `${zero} when defined`;

/** Checks a duration that may be absent: where given, it is not 0. A negative one passes, as in the reference. */
export function validateOptionalDuration(
  violations: Violations,
  path: string,
  duration: string | undefined,
): void {
  if (isZero(duration)) {
    violations.add(path, zeroWhenDefined);
  }
}

/** Checks that a duration is not 0; an absent one is not looked at. */
export function validateNonZeroDuration(
  violations: Violations,
  path: string,
  duration: string | undefined,
): void {
  if (isZero(duration)) {
    violations.add(path, zero);
  }
}

/** Checks a number that may be absent: where given, it is not 0. */
export function validateOptionalCount(violations: Violations, path: string, count: number | undefined): void {
  if (count === 0) {
    violations.add(path, zeroWhenDefined);
  }
}

/** Checks a number that has to be there and above 0. */
export function validateCount(violations: Violations, path: string, count: number | undefined): void {
  if (count === undefined || count === 0) {
    violations.add(path, zero);
  }
}

/** Checks a share in percent that has to be there. */
export function validatePercentage(
  violations: Violations,
  path: string,
  percentage: number | undefined,
): void {
  if (percentage === undefined) {
    violations.add(path, empty);
  } else {
    validateOptionalPercentage(violations, path, percentage);
  }
}

/** Checks a share in percent that may be absent. */
export function validateOptionalPercentage(
  violations: Violations,
  path: string,
  percentage: number | undefined,
): void {
  if (percentage !== undefined && (percentage < 0 || percentage > 100)) {
    violations.add(path, 'has to be in [0.0 - 100.0] range');
  }
}

/** Whether a duration is there and 0. */
function isZero(duration: string | undefined): boolean {
  return duration !== undefined && parseDuration(duration) === 0n;
}
