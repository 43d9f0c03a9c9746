import { legacyPolicy } from '../common/legacy-policy.ts';
import { timeoutSchema } from './schema.ts';
import { validateTimeout } from './validate.ts';

/** Kuma's `Timeout`. */
export const timeoutType = legacyPolicy({
  name: 'Timeout',
  path: 'timeouts',
  singularDisplayName: 'Timeout',
  pluralDisplayName: 'Timeouts',
  schema: timeoutSchema,
  validate: validateTimeout,
});
