import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshHttpRouteSpec, meshHttpRouteSchema } from './schema.ts';
import { validateMeshHttpRoute } from './validate.ts';
import { expressionWarnings } from './warnings.ts';

/** Kuma's `MeshHTTPRoute`. */
export const meshHttpRouteType: ResourceType<MeshHttpRouteSpec> = {
  name: 'MeshHTTPRoute',
  scope: 'Mesh',
  path: 'meshhttproutes',
  singularDisplayName: 'Mesh HTTP Route',
  pluralDisplayName: 'Mesh HTTP Routes',
  shortName: 'mhttpr',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshHttpRouteSchema,
  validate: validateMeshHttpRoute,
  deprecations: (spec) => [...targetRefDeprecations(spec.targetRef), ...expressionWarnings(spec)],
};
