import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshTcpRouteSpec, meshTcpRouteSchema } from './schema.ts';
import { validateMeshTcpRoute } from './validate.ts';

/** Kuma's `MeshTCPRoute`. */
export const meshTcpRouteType: ResourceType<MeshTcpRouteSpec> = {
  name: 'MeshTCPRoute',
  scope: 'Mesh',
  path: 'meshtcproutes',
  singularDisplayName: 'Mesh TCP Route',
  pluralDisplayName: 'Mesh TCP Routes',
  shortName: 'mtcpr',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshTcpRouteSchema,
  validate: validateMeshTcpRoute,
  deprecations: (spec) => targetRefDeprecations(spec.targetRef),
};
