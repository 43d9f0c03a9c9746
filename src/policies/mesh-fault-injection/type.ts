import type { ResourceType } from '../../model/resource-type.ts';
import { fromServiceDeprecations, targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshFaultInjectionSpec, meshFaultInjectionSchema } from './schema.ts';
import { validateMeshFaultInjection } from './validate.ts';

/** Kuma's `MeshFaultInjection`. */
export const meshFaultInjectionType: ResourceType<MeshFaultInjectionSpec> = {
  name: 'MeshFaultInjection',
  scope: 'Mesh',
  path: 'meshfaultinjections',
  singularDisplayName: 'Mesh Fault Injection',
  pluralDisplayName: 'Mesh Fault Injections',
  shortName: 'mfi',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: false },
  schema: meshFaultInjectionSchema,
  validate: validateMeshFaultInjection,
  deprecations: (spec) => [...targetRefDeprecations(spec.targetRef), ...fromServiceDeprecations(spec.from)],
};
