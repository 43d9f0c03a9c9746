import { isKumulusError, KumulusError } from '../../model/errors.ts';
import { field, type Violations } from '../../model/violations.ts';

/**
 * Runs a step on one document. What is wrong with the document is added to the violations, under its path, so that one
 * answer tells of all mistakes in all documents; other errors are passed on.
 */
export async function collected<T>(
  violations: Violations,
  path: string,
  step: () => Promise<T> | T,
): Promise<readonly T[]> {
  try {
    return [await step()];
  } catch (error) {
    if (isKumulusError(error, 'invalid')) {
      for (const violation of error.violations) {
        violations.add(field(path, violation.field), violation.message);
      }
      return [];
    }
    if (isKumulusError(error, 'bad_request')) {
      violations.add(path, error.message);
      return [];
    }
    throw error;
  }
}

/** @throws KumulusError `invalid` with all violations, where there are any. */
export function requireNone(violations: Violations): void {
  if (!violations.empty) {
    throw new KumulusError('invalid', 'Resource is not valid', { violations: violations.list });
  }
}
