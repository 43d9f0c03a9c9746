import { isKumulusError, KumulusError } from '../model/errors.ts';
import type { MeshSpec } from '../model/types/mesh.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';
import { type MeshDraftsDeps, meshDrafts } from '../tenancy/mesh-drafts.ts';
import { missingAuthorities, providedAuthorityViolations } from './mesh-authorities.ts';
import type { WriteRules } from './write-rules.ts';

export interface MeshRulesDeps extends MeshDraftsDeps {
  readonly resources: ResourceStore;
}

/**
 * A new mesh comes with its default policies, the key that signs its tokens and its certificate authorities, a changed
 * one with the authorities that it names anew; all in one commit, so that who is told of it can use it at once.
 */
export function meshRules(deps: MeshRulesDeps): WriteRules {
  const { resources, clock } = deps;
  return {
    async check({ draft, current, find }) {
      const spec = draft.spec as MeshSpec;
      if (spec.mtls?.skipValidation !== true) {
        const violations = await providedAuthorityViolations(find, draft.name, spec);
        if (!violations.empty) {
          throw new KumulusError('invalid', 'Resource is not valid', { violations: violations.list });
        }
      }
      const drafts =
        current === undefined
          ? await meshDrafts(deps, draft.name, spec)
          : await missingAuthorities(find, draft.name, spec, clock());
      return { draft, others: drafts.map((each): Change => ({ kind: 'put', draft: each })) };
    },

    async delete(tenant, { name }, author) {
      try {
        await resources.deleteMesh(tenant, name, author);
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
