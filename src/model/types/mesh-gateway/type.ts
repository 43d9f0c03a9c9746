import type { ResourceType } from '../../resource-type.ts';
import { type MeshGatewaySpec, meshGatewaySchema } from './schema.ts';
import { validateMeshGateway } from './validate.ts';

/** Kuma's `MeshGateway`. */
export const meshGatewayType: ResourceType<MeshGatewaySpec> = {
  name: 'MeshGateway',
  scope: 'Mesh',
  path: 'meshgateways',
  singularDisplayName: 'Mesh Gateway',
  pluralDisplayName: 'Mesh Gateways',
  shortName: 'mgw',
  readOnly: false,
  layout: 'flat',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  schema: meshGatewaySchema,
  validate: validateMeshGateway,
};
