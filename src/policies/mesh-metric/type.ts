import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshMetricSpec, meshMetricSchema } from './schema.ts';
import { validateMeshMetric } from './validate.ts';

/** Kuma's `MeshMetric`. */
export const meshMetricType: ResourceType<MeshMetricSpec> = {
  name: 'MeshMetric',
  scope: 'Mesh',
  path: 'meshmetrics',
  singularDisplayName: 'Mesh Metric',
  pluralDisplayName: 'Mesh Metrics',
  shortName: 'mm',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: false, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshMetricSchema,
  validate: validateMeshMetric,
  deprecations: (spec) => targetRefDeprecations(spec.targetRef),
};
