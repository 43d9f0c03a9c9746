import { KumulusError } from '../model/errors.ts';
import { secretsOfCaBackend } from '../model/types/ca-backend.ts';
import type { MeshSpec } from '../model/types/mesh.ts';
import type { WriteRules } from './write-rules.ts';

/** A Secret that one of its mesh's CA backends uses stays until the backend is gone. */
export const secretRules: WriteRules = {
  checkDelete(_tenant, { name }, mesh) {
    const backends = (mesh?.spec as MeshSpec | undefined)?.mtls?.backends ?? [];
    const users = backends.filter((backend) => secretsOfCaBackend(mesh?.name ?? '', backend).includes(name));
    if (users.length > 0) {
      throw new KumulusError('invalid', 'Resource is not valid', {
        violations: users.map((backend) => ({
          field: 'name',
          message:
            `The secret "${name}" that you are trying to remove is currently in use in Mesh "${mesh?.name}" ` +
            `in mTLS backend "${backend.name}". ` +
            `Please remove the reference from the "${backend.name}" backend before removing the secret.`,
        })),
      });
    }
  },
};
