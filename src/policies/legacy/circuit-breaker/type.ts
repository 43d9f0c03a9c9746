import { legacyPolicy } from '../common/legacy-policy.ts';
import { circuitBreakerSchema } from './schema.ts';
import { validateCircuitBreaker } from './validate.ts';

/** Kuma's `CircuitBreaker`. */
export const circuitBreakerType = legacyPolicy({
  name: 'CircuitBreaker',
  path: 'circuit-breakers',
  singularDisplayName: 'Circuit Breaker',
  pluralDisplayName: 'Circuit Breakers',
  schema: circuitBreakerSchema,
  validate: validateCircuitBreaker,
});
