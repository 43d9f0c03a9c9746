import { parseDuration } from './duration.ts';
import type { Violations } from './violations.ts';

/** Checks a TCP or UDP port; an absent one counts as 0. */
export function validatePort(violations: Violations, path: string, port: number | undefined): void {
  if (port === undefined || port < 1 || port > 65_535) {
    violations.add(path, 'port must be in the range [1, 65535]');
  }
}

/** Checks a port that may be absent. */
export function validateOptionalPort(violations: Violations, path: string, port: number | undefined): void {
  if (port !== undefined) {
    validatePort(violations, path, port);
  }
}

/** Checks a duration of a probe: where given, it is more than nothing. */
export function validateProbeDuration(
  violations: Violations,
  path: string,
  duration: string | undefined,
): void {
  if (duration !== undefined && parseDuration(duration) <= 0n) {
    violations.add(path, 'must have a positive value');
  }
}

/** Checks a threshold of a probe: where given, it is more than 0. */
export function validateThreshold(violations: Violations, path: string, threshold: number | undefined): void {
  if (threshold === 0) {
    violations.add(path, 'must have a positive value');
  }
}

/** Lists what is allowed, at the end of a message. */
export function allowedValues(values: readonly string[]): string {
  return `Allowed values: ${values.join(', ')}`;
}
