import type { ResourceType } from '../../model/resource-type.ts';
import { targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshProxyPatchSpec, meshProxyPatchSchema } from './schema.ts';
import { validateMeshProxyPatch } from './validate.ts';

/** Kuma's `MeshProxyPatch`. */
export const meshProxyPatchType: ResourceType<MeshProxyPatchSpec> = {
  name: 'MeshProxyPatch',
  scope: 'Mesh',
  path: 'meshproxypatches',
  singularDisplayName: 'Mesh Proxy Patch',
  pluralDisplayName: 'Mesh Proxy Patches',
  shortName: 'mpp',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: false, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshProxyPatchSchema,
  validate: validateMeshProxyPatch,
  deprecations: (spec) => targetRefDeprecations(spec.targetRef),
};
