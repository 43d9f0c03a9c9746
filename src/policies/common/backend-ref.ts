import * as z from 'zod';
import { field, index, type Violations } from '../../model/violations.ts';
import { uint32, wholeNumber, withDefault } from './fields.ts';
import { type TargetRefKind, targetRefSchema } from './target-ref.ts';
import { validateTargetRef } from './target-ref-validation.ts';

/** Where a route sends traffic. */
export const backendRefSchema = z.object({
  ...targetRefSchema.shape,
  weight: withDefault(1, wholeNumber()).describe('The share of the traffic, among all backends of the rule.'),
  port: uint32().describe('The port of a service that is a resource.').exactOptional(),
});

export type BackendRef = z.output<typeof backendRefSchema>;

const kinds: readonly TargetRefKind[] = [
  'MeshService',
  'MeshServiceSubset',
  'MeshExternalService',
  'MeshMultiZoneService',
];

/**
 * Checks the backends of a rule.
 *
 * @param exceptionalNames names of services that are taken whatever their characters are.
 */
export function validateBackendRefs(
  violations: Violations,
  path: string,
  backendRefs: readonly BackendRef[],
  exceptionalNames: readonly string[] = [],
): void {
  for (const [position, ref] of backendRefs.entries()) {
    const itemPath = index(path, position);
    validateTargetRef(violations, itemPath, ref, { kinds, exceptionalNames });
    if (ref.kind === 'MeshMultiZoneService' && ref.port === undefined) {
      violations.add(field(itemPath, 'port'), 'must be defined with kind MeshMultiZoneService');
    }
  }
}
