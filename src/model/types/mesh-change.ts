import { maxMeshNameLength } from '../names.ts';
import { field, index, Violations } from '../violations.ts';
import { validateCaBackend } from './ca-backend.ts';
import type { MeshSpec } from './mesh-schema.ts';

/**
 * Kuma's rules for the step from the stored version of a mesh to the next one; without a previous version, for a
 * new mesh. A `provided` CA's certificate and key are not read here, see {@link validateCaBackend}.
 */
export function validateMeshChange(name: string, previous: MeshSpec | undefined, next: MeshSpec): Violations {
  const violations = new Violations();
  if (previous === undefined && Buffer.byteLength(name) > maxMeshNameLength) {
    violations.add('name', `cannot be longer than ${maxMeshNameLength} characters`);
  }
  const enabled = previous?.mtls?.enabledBackend;
  const enabledNext = next.mtls?.enabledBackend;
  if (enabled !== undefined && enabledNext !== undefined && enabled !== enabledNext) {
    violations.add(
      'mtls.enabledBackend',
      'Changing CA when mTLS is enabled is forbidden. Disable mTLS first and then change the CA',
    );
  }
  for (const [position, backend] of (next.mtls?.backends ?? []).entries()) {
    const path = index('mtls.backends', position);
    if (backend.type !== 'builtin' && backend.type !== 'provided') {
      return violations.add(field(path, 'type'), 'could not find installed plugin for this type');
    }
    if (next.mtls?.skipValidation !== true) {
      validateCaBackend(violations, field(path, 'conf'), name, backend);
    }
  }
  return violations;
}
