import type { ResourceType } from '../../model/resource-type.ts';
import { fromServiceDeprecations, targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshTrafficPermissionSpec, meshTrafficPermissionSchema } from './schema.ts';
import { validateMeshTrafficPermission } from './validate.ts';

/** Kuma's `MeshTrafficPermission`. */
export const meshTrafficPermissionType: ResourceType<MeshTrafficPermissionSpec> = {
  name: 'MeshTrafficPermission',
  scope: 'Mesh',
  path: 'meshtrafficpermissions',
  singularDisplayName: 'Mesh Traffic Permission',
  pluralDisplayName: 'Mesh Traffic Permissions',
  shortName: 'mtp',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: false, hasFrom: true, hasRules: true, isFromAsRules: false },
  schema: meshTrafficPermissionSchema,
  validate: validateMeshTrafficPermission,
  deprecations: (spec) => [...targetRefDeprecations(spec.targetRef), ...fromServiceDeprecations(spec.from)],
};
