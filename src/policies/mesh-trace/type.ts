import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshTraceSpec, meshTraceSchema } from './schema.ts';
import { validateMeshTrace } from './validate.ts';

/** Kuma's `MeshTrace`. */
export const meshTraceType: ResourceType<MeshTraceSpec> = {
  name: 'MeshTrace',
  scope: 'Mesh',
  path: 'meshtraces',
  singularDisplayName: 'Mesh Trace',
  pluralDisplayName: 'Mesh Traces',
  shortName: 'mtr',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: false, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshTraceSchema,
  validate: validateMeshTrace,
  deprecations: (spec) => targetRefDeprecations(spec.targetRef),
};
