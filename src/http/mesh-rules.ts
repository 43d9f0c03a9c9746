import { isKumulusError, KumulusError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import type { MeshSpec } from '../model/types/mesh.ts';
import { defaultPolicies } from '../policies/defaults.ts';
import { secretSpec } from '../secrets/secret-data.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';
import { dataplaneKeys, firstSerial, keyName } from '../tokens/key-family.ts';
import type { SigningKeySource } from '../tokens/new-signing-key.ts';
import { missingAuthorities, providedAuthorityViolations } from './mesh-authorities.ts';
import type { WriteRules } from './write-rules.ts';

export interface MeshRulesDeps {
  readonly resources: ResourceStore;
  /** Keys that sign dataplane tokens; each mesh gets one of its own. */
  readonly signingKeys: SigningKeySource;
  readonly clock: Clock;
}

async function signingKey(mesh: string, signingKeys: SigningKeySource): Promise<Change> {
  const key = await signingKeys();
  const name = keyName(dataplaneKeys(mesh), firstSerial) ?? '';
  return {
    kind: 'put',
    draft: { type: 'Secret', mesh, name, labels: {}, spec: secretSpec(key.reveal()) },
  };
}

/**
 * A new mesh comes with its default policies, the key that signs its tokens and its certificate authorities, all in
 * one commit: who is told that the mesh is there can use it at once.
 */
export function meshRules({ resources, signingKeys, clock }: MeshRulesDeps): WriteRules {
  return {
    async check({ tenant, draft, current }) {
      const spec = draft.spec as MeshSpec;
      if (spec.mtls?.skipValidation !== true) {
        const violations = await providedAuthorityViolations(resources, tenant, draft.name, spec);
        if (!violations.empty) {
          throw new KumulusError('invalid', 'Resource is not valid', { violations: violations.list });
        }
      }
      const isNew = current === undefined;
      const [authorities, initial] = await Promise.all([
        missingAuthorities(resources, tenant, draft.name, spec, isNew, clock()),
        isNew ? signingKey(draft.name, signingKeys) : undefined,
      ]);
      const policies = isNew ? defaultPolicies(draft.name, spec.skipCreatingInitialPolicies ?? []) : [];
      return {
        draft,
        others: [
          ...(initial === undefined ? [] : [initial]),
          ...policies.map((policy): Change => ({ kind: 'put', draft: policy })),
          ...authorities,
        ],
      };
    },

    async delete(tenant, { name }) {
      try {
        await resources.deleteMesh(tenant, name);
      } catch (error) {
        throw isKumulusError(error, 'conflict')
          ? new KumulusError('invalid', 'Resource is not valid', {
              violations: [
                {
                  field: 'mesh',
                  message: 'unable to delete mesh, there are still some dataplanes attached',
                },
              ],
            })
          : error;
      }
    },
  };
}
