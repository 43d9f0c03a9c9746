import { legacyPolicy } from '../common/legacy-policy.ts';
import { retrySchema } from './schema.ts';
import { validateRetry } from './validate.ts';

/** Kuma's `Retry`. */
export const retryType = legacyPolicy({
  name: 'Retry',
  path: 'retries',
  singularDisplayName: 'Retry',
  pluralDisplayName: 'Retries',
  schema: retrySchema,
  validate: validateRetry,
});
