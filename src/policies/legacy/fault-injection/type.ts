import { legacyPolicy } from '../common/legacy-policy.ts';
import { faultInjectionSchema } from './schema.ts';
import { validateFaultInjection } from './validate.ts';

/** Kuma's `FaultInjection`. */
export const faultInjectionType = legacyPolicy({
  name: 'FaultInjection',
  path: 'fault-injections',
  singularDisplayName: 'Fault Injection',
  pluralDisplayName: 'Fault Injections',
  schema: faultInjectionSchema,
  validate: validateFaultInjection,
});
