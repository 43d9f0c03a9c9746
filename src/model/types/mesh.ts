import { dnsLabelDeprecations } from '../names.ts';
import type { ResourceType } from '../resource-type.ts';
import { validateMeshChange } from './mesh-change.ts';
import { type MeshSpec, meshSchema } from './mesh-schema.ts';
import { validateMesh } from './mesh-validation.ts';
import { withPrometheusDefaults } from './prometheus.ts';

export {
  type CaBackend,
  type MembershipRule,
  type MeshLogging,
  type MeshMtls,
  type MeshSpec,
  type MeshTracing,
  meshSchema,
} from './mesh-schema.ts';

/** Kuma's `Mesh`. */
export const meshType: ResourceType<MeshSpec> = {
  name: 'Mesh',
  scope: 'Global',
  path: 'meshes',
  singularDisplayName: 'Mesh',
  pluralDisplayName: 'Meshes',
  shortName: 'm',
  readOnly: false,
  layout: 'flat',
  secret: false,
  includeInFederation: true,
  providedByZone: false,
  schema: meshSchema,
  validate: validateMesh,
  prepare: (spec) =>
    spec.metrics?.backends === undefined
      ? spec
      : {
          ...spec,
          metrics: { ...spec.metrics, backends: spec.metrics.backends.map(withPrometheusDefaults) },
        },
  validateChange: validateMeshChange,
  deprecations: (_, displayName) => dnsLabelDeprecations('Mesh', displayName),
};
