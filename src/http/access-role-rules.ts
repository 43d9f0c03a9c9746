import { KumulusError } from '../model/errors.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { AccessRoleSpec } from '../model/types/access-role/schema.ts';
import { adminRole, isNamedByMesh } from '../model/types/access-role/validate.ts';
import { index, Violations } from '../model/violations.ts';
import type { WriteRules } from './write-rules.ts';

/** A role names types that there are, and the one that every tenant needs stays. */
export function accessRoleRules(types: readonly ResourceType[]): WriteRules {
  const byName = new Map(types.map((type) => [type.name, type]));
  return {
    check({ draft }) {
      const violations = typeViolations(byName, draft.spec as AccessRoleSpec);
      if (!violations.empty) throw refused(violations);
      return { draft, others: [] };
    },

    checkDelete(_tenant, { name }) {
      if (name === adminRole) {
        throw refused(new Violations().add('name', `role "${adminRole}" cannot be removed`));
      }
    },
  };
}

function typeViolations(
  known: ReadonlyMap<string, ResourceType>,
  { rules = [] }: AccessRoleSpec,
): Violations {
  const violations = new Violations();
  for (const [at, { types = [], mesh }] of rules.entries()) {
    for (const [position, name] of types.entries()) {
      const path = index(`rules[${at}].types`, position);
      const type = known.get(name);
      if (type === undefined) {
        violations.add(path, `unknown type ${JSON.stringify(name)}`);
      } else if (mesh !== undefined && type.scope === 'Global' && !isNamedByMesh(name)) {
        violations.add(path, `${name} is not in a mesh, so a rule with a mesh cannot be about it`);
      }
    }
  }
  return violations;
}

function refused(violations: Violations): KumulusError {
  return new KumulusError('invalid', 'Resource is not valid', { violations: violations.list });
}
