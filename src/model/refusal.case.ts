import { KumulusError } from './errors.ts';
import type { Violations } from './violations.ts';

/** For tests: the error with which an action is refused. Fails where it is not. */
export function refusal(action: () => unknown): KumulusError {
  try {
    action();
  } catch (error) {
    if (error instanceof KumulusError) {
      return error;
    }
    throw error;
  }
  throw new Error('was not refused');
}

/** For tests: violations as pairs, which are short to write in tables. */
export function pairs(violations: Violations): readonly (readonly [field: string, message: string])[] {
  return violations.list.map(({ field, message }) => [field, message]);
}
