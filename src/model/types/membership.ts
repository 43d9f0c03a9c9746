import type { Tags } from '../tags.ts';
import { tagSetsOf } from './dataplane-helpers.ts';
import type { DataplaneSpec } from './dataplane-schema.ts';
import type { MembershipRule, MeshSpec } from './mesh-schema.ts';

/**
 * Whether a proxy may be a part of its mesh: each of its inbounds, and its gateway, has to fulfil one of the mesh's
 * requirements, where there are any, and none of its restrictions.
 *
 * @returns why not, undefined where it may.
 */
export function membershipProblem(
  mesh: string,
  spec: MeshSpec,
  dataplane: DataplaneSpec,
): string | undefined {
  const { requirements = [], restrictions = [] } = spec.constraints?.dataplaneProxy ?? {};
  for (const tags of tagSetsOf(dataplane)) {
    const refused = `dataplane cannot be a member of mesh ${JSON.stringify(mesh)} because its tags ${quoteTags(tags)}`;
    if (requirements.length > 0 && !requirements.some((rule) => fulfils(tags, rule))) {
      return `${refused} does not fulfill any requirements defined on the Mesh`;
    }
    const restriction = restrictions.find((rule) => fulfils(tags, rule));
    if (restriction !== undefined) {
      return `${refused} matches restricted tags ${quoteTags(restriction.tags ?? {})} defined on the Mesh`;
    }
  }
  return undefined;
}

function fulfils(tags: Tags, rule: MembershipRule): boolean {
  return Object.entries(rule.tags ?? {}).every(([name, value]) => {
    const own = Object.hasOwn(tags, name) ? (tags[name] ?? '') : '';
    return value === '*' ? own !== '' : own === value;
  });
}

function quoteTags(tags: Tags): string {
  const pairs = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  return JSON.stringify(pairs.sort().join(' '));
}
