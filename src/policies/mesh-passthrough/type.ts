import type { ResourceType } from '../../model/resource-type.ts';
import { type MeshPassthroughSpec, meshPassthroughSchema } from './schema.ts';
import { validateMeshPassthrough } from './validate.ts';

/** Kuma's `MeshPassthrough`. */
export const meshPassthroughType: ResourceType<MeshPassthroughSpec> = {
  name: 'MeshPassthrough',
  scope: 'Mesh',
  path: 'meshpassthroughs',
  singularDisplayName: 'Mesh Passthrough',
  pluralDisplayName: 'Mesh Passthroughs',
  shortName: 'mp',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: false, hasFrom: false, hasRules: false, isFromAsRules: false },
  schema: meshPassthroughSchema,
  validate: validateMeshPassthrough,
};
