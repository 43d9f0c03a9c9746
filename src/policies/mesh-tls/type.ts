import type { ResourceType } from '../../model/resource-type.ts';
import { fromDeprecations, targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshTlsSpec, meshTlsSchema } from './schema.ts';
import { validateMeshTls } from './validate.ts';

/** Kuma's `MeshTLS`. */
export const meshTlsType: ResourceType<MeshTlsSpec> = {
  name: 'MeshTLS',
  scope: 'Mesh',
  path: 'meshtlses',
  singularDisplayName: 'Mesh TLS',
  pluralDisplayName: 'Mesh TLSes',
  shortName: 'mtls',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: false, hasFrom: true, hasRules: true, isFromAsRules: true },
  schema: meshTlsSchema,
  validate: validateMeshTls,
  deprecations: (spec) => [...fromDeprecations(spec.from), ...targetRefDeprecations(spec.targetRef)],
};
