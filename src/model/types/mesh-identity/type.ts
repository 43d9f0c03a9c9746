import type { ResourceType } from '../../resource-type.ts';
import { type MeshIdentitySpec, meshIdentitySchema, meshIdentityStatusSchema } from './schema.ts';
import { validateMeshIdentity } from './validate.ts';

export const meshIdentityType: ResourceType<MeshIdentitySpec> = {
  name: 'MeshIdentity',
  scope: 'Mesh',
  path: 'meshidentities',
  singularDisplayName: 'Mesh Identity',
  pluralDisplayName: 'Mesh Identities',
  shortName: 'mid',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  schema: meshIdentitySchema,
  status: { schema: meshIdentityStatusSchema, initial: {} },
  validate: validateMeshIdentity,
};
