import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshHealthCheckSpec, meshHealthCheckSchema } from './schema.ts';
import { validateMeshHealthCheck } from './validate.ts';

const panicThreshold =
  "healthyPanicThreshold for 'to[].default' is deprecated. The setting has been moved to MeshCircuitBreaker policy, " +
  'please use MeshCircuitBreaker policy instead.';

/** Kuma's `MeshHealthCheck`. */
export const meshHealthCheckType: ResourceType<MeshHealthCheckSpec> = {
  name: 'MeshHealthCheck',
  scope: 'Mesh',
  path: 'meshhealthchecks',
  singularDisplayName: 'Mesh Health Check',
  pluralDisplayName: 'Mesh Health Checks',
  shortName: 'mhc',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshHealthCheckSchema,
  validate: validateMeshHealthCheck,
  deprecations: (spec) => [
    ...targetRefDeprecations(spec.targetRef),
    ...(spec.to ?? [])
      .filter((item) => item.default.healthyPanicThreshold !== undefined)
      .map(() => panicThreshold),
  ],
};
