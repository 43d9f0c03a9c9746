import type { ResourceType } from '../../model/resource-type.ts';
import { fromDeprecations, targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshCircuitBreakerSpec, meshCircuitBreakerSchema } from './schema.ts';
import { validateMeshCircuitBreaker } from './validate.ts';

/** Kuma's `MeshCircuitBreaker`. */
export const meshCircuitBreakerType: ResourceType<MeshCircuitBreakerSpec> = {
  name: 'MeshCircuitBreaker',
  scope: 'Mesh',
  path: 'meshcircuitbreakers',
  singularDisplayName: 'Mesh Circuit Breaker',
  pluralDisplayName: 'Mesh Circuit Breakers',
  shortName: 'mcb',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: true },
  schema: meshCircuitBreakerSchema,
  validate: validateMeshCircuitBreaker,
  deprecations: (spec) => [...fromDeprecations(spec.from), ...targetRefDeprecations(spec.targetRef)],
};
