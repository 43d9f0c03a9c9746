import { dnsLabelDeprecations } from '../../names.ts';
import type { ResourceType } from '../../resource-type.ts';
import {
  type MeshExternalServiceSpec,
  meshExternalServiceSchema,
  meshExternalServiceStatusSchema,
} from './schema.ts';
import { validateMeshExternalService } from './validate.ts';

export const meshExternalServiceType: ResourceType<MeshExternalServiceSpec> = {
  name: 'MeshExternalService',
  scope: 'Mesh',
  path: 'meshexternalservices',
  singularDisplayName: 'Mesh External Service',
  pluralDisplayName: 'Mesh External Services',
  shortName: 'extsvc',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  schema: meshExternalServiceSchema,
  status: { schema: meshExternalServiceStatusSchema, initial: { vip: {} } },
  maxDisplayNameLength: 63,
  validate: validateMeshExternalService,
  deprecations: (_, displayName) => dnsLabelDeprecations('MeshExternalService', displayName),
};
