import { legacyPolicy } from '../common/legacy-policy.ts';
import { healthCheckSchema } from './schema.ts';
import { validateHealthCheck } from './validate.ts';

/** Kuma's `HealthCheck`. */
export const healthCheckType = legacyPolicy({
  name: 'HealthCheck',
  path: 'health-checks',
  singularDisplayName: 'Health Check',
  pluralDisplayName: 'Health Checks',
  schema: healthCheckSchema,
  validate: validateHealthCheck,
});
