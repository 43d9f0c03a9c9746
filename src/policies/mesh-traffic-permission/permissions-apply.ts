import type { Principal } from '../../envoy/rbac.ts';
import type { UriMatch, UriRule } from '../../envoy/uri-matcher.ts';
import type { InboundRule } from '../../match/policies-of-type.ts';
import type { Subset, TagCondition } from '../../match/subset.ts';
import type { SubsetRule } from '../../match/subset-rules.ts';
import { kri } from '../../model/kri.ts';
import { serviceTag } from '../../model/tags.ts';
import type { ClientMatch } from '../common/client-match.ts';
import { fromConfSchema, permissionRuleConfSchema } from './schema.ts';
import { meshTrafficPermissionType } from './type.ts';

/** Groups of clients that may call, and those whose calls are only reported as if they were denied. */
export interface PermittedClients {
  readonly allowed: readonly Subset[];
  readonly shadowDenied: readonly Subset[];
}

/** Sorts groups of clients by what is done with them; those that are allowed outright come first. */
export function clientsByAction(rules: readonly SubsetRule[]): PermittedClients {
  const having = (action: string) =>
    rules
      .filter(({ conf }) => fromConfSchema.safeParse(conf).data?.action === action)
      .map(({ subset }) => subset);
  const shadowDenied = having('AllowWithShadowDeny');
  return { allowed: [...having('Allow'), ...shadowDenied], shadowDenied };
}

/** The clients of a subset, by the names that the mesh's authority puts into their certificates. */
export function principalOf(subset: Subset, mesh: string): Principal {
  const [first, ...others] = subset.map((condition) => conditionOf(condition, mesh));
  if (first === undefined) {
    return { kind: 'any' };
  }
  return others.length === 0 ? first : { kind: 'all', of: [first, ...others] };
}

function conditionOf({ key, value, not }: TagCondition, mesh: string): Principal {
  const name = key === serviceTag ? `spiffe://${mesh}/${value}` : `kuma://${key}/${value}`;
  const principal: Principal = { kind: 'authenticated', name };
  return not ? { kind: 'not', of: principal } : principal;
}

/** Rules by SPIFFE id: of each entry first whom it denies, then whom it allows. */
export function spiffeRules(rules: readonly InboundRule[]): readonly UriRule[] {
  return rules.flatMap((rule) => {
    const { deny = [], allow = [], allowWithShadowDeny = [] } = read(rule);
    return [...uriRule('deny', deny, rule), ...uriRule('allow', [...allow, ...allowWithShadowDeny], rule)];
  });
}

/** What would be denied if clients under observation were. */
export function shadowRules(rules: readonly InboundRule[]): readonly UriRule[] {
  return rules.flatMap((rule) => uriRule('deny', read(rule).allowWithShadowDeny ?? [], rule));
}

function read({ conf }: InboundRule) {
  return permissionRuleConfSchema.safeParse(conf).data ?? {};
}

function uriRule(action: UriRule['action'], matches: readonly ClientMatch[], rule: InboundRule): UriRule[] {
  const [first, ...others] = matches.flatMap(({ spiffeID }): UriMatch[] =>
    spiffeID === undefined
      ? []
      : [{ match: spiffeID.type === 'Exact' ? 'exact' : 'prefix', value: spiffeID.value }],
  );
  const name = kri(meshTrafficPermissionType, rule.origin) ?? rule.origin.name;
  return first === undefined ? [] : [{ action, name, uris: [first, ...others] }];
}
