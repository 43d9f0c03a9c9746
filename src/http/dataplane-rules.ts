import { KumulusError } from '../model/errors.ts';
import type { DataplaneSpec } from '../model/types/dataplane.ts';
import { membershipProblem } from '../model/types/membership.ts';
import type { MeshSpec } from '../model/types/mesh.ts';
import type { WriteRules } from './write-rules.ts';

/**
 * A Dataplane must be one that its mesh takes (`constraints` of Kuma's Mesh). The reference answers 500 without a
 * word to one that is not.
 */
export const dataplaneRules: WriteRules = {
  check({ draft, mesh }) {
    const problem = mesh && membershipProblem(mesh.name, mesh.spec as MeshSpec, draft.spec as DataplaneSpec);
    if (problem !== undefined) {
      throw new KumulusError('invalid', 'Resource is not valid', {
        violations: [{ field: 'networking', message: problem }],
      });
    }
    return { draft, others: [] };
  },
};
