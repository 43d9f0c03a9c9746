import type { ResourceType } from '../../model/resource-type.ts';
import { fromDeprecations, targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshAccessLogSpec, meshAccessLogSchema } from './schema.ts';
import { validateMeshAccessLog } from './validate.ts';

/** Kuma's `MeshAccessLog`. */
export const meshAccessLogType: ResourceType<MeshAccessLogSpec> = {
  name: 'MeshAccessLog',
  scope: 'Mesh',
  path: 'meshaccesslogs',
  singularDisplayName: 'Mesh Access Log',
  pluralDisplayName: 'Mesh Access Logs',
  shortName: 'mal',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: true },
  schema: meshAccessLogSchema,
  validate: validateMeshAccessLog,
  deprecations: (spec) => [...fromDeprecations(spec.from), ...targetRefDeprecations(spec.targetRef)],
};
