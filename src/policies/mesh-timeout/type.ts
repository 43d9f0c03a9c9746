import type { ResourceType } from '../../model/resource-type.ts';
import { fromDeprecations, targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshTimeoutSpec, meshTimeoutSchema } from './schema.ts';
import { validateMeshTimeout } from './validate.ts';

/** Kuma's `MeshTimeout`. */
export const meshTimeoutType: ResourceType<MeshTimeoutSpec> = {
  name: 'MeshTimeout',
  scope: 'Mesh',
  path: 'meshtimeouts',
  singularDisplayName: 'Mesh Timeout',
  pluralDisplayName: 'Mesh Timeouts',
  shortName: 'mt',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: true },
  schema: meshTimeoutSchema,
  validate: validateMeshTimeout,
  deprecations: (spec) => [...fromDeprecations(spec.from), ...targetRefDeprecations(spec.targetRef)],
};
