import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { SecretValue } from '../model/secret-value.ts';
import { secretsOfCaBackend } from '../model/types/ca-backend.ts';
import type { MeshSpec } from '../model/types/mesh.ts';
import type { SecretSpec as SecretDocument } from '../model/types/secret.ts';
import type { SecretSpec } from '../secrets/secret-data.ts';
import type { ResourceDraft } from '../store/resource-store.ts';
import type { WriteRules } from './write-rules.ts';

/** Wraps what a document says in plain text, as the store takes it. */
function wrapped(draft: ResourceDraft): ResourceDraft {
  const { data } = draft.spec as SecretDocument;
  const spec: SecretSpec = { data: new SecretValue(data ?? '') };
  return { ...draft, spec };
}

/** A stored secret with its contents in plain text, as the API answers with it to those who may see it. */
export function revealed(secret: Resource): Resource<SecretDocument> {
  const { data } = secret.spec as SecretSpec;
  const text = data.reveal();
  return { ...secret, spec: text === '' ? {} : { data: text } };
}

/** What is beside the meshes is nobody's part. */
export const globalSecretRules: WriteRules = {
  check: ({ draft }) => ({ draft: wrapped(draft), others: [] }),
};

/** A Secret that one of its mesh's CA backends uses stays until the backend is gone. */
export const secretRules: WriteRules = {
  ...globalSecretRules,
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
