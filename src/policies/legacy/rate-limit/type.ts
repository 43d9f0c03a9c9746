import { legacyPolicy } from '../common/legacy-policy.ts';
import { rateLimitSchema } from './schema.ts';
import { validateRateLimit } from './validate.ts';

/** Kuma's `RateLimit`. */
export const rateLimitType = legacyPolicy({
  name: 'RateLimit',
  path: 'rate-limits',
  singularDisplayName: 'Rate Limit',
  pluralDisplayName: 'Rate Limits',
  schema: rateLimitSchema,
  validate: validateRateLimit,
});
