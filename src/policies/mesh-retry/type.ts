import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshRetrySpec, meshRetrySchema } from './schema.ts';
import { validateMeshRetry } from './validate.ts';

/** Kuma's `MeshRetry`. */
export const meshRetryType: ResourceType<MeshRetrySpec> = {
  name: 'MeshRetry',
  scope: 'Mesh',
  path: 'meshretries',
  singularDisplayName: 'Mesh Retry',
  pluralDisplayName: 'Mesh Retries',
  shortName: 'mr',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshRetrySchema,
  validate: validateMeshRetry,
  deprecations: (spec) => targetRefDeprecations(spec.targetRef),
};
