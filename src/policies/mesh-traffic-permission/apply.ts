import { type Edits, edit, type ListenerTarget, type PolicyApply } from '../../compile/policy.ts';
import { httpRbac, networkRbac, type Rbac, rbacRules } from '../../envoy/rbac.ts';
import { type UriRule, uriMatcher } from '../../envoy/uri-matcher.ts';
import type { InboundRules } from '../../match/policies-of-type.ts';
import {
  clientsByAction,
  type PermittedClients,
  principalOf,
  shadowRules,
  spiffeRules,
} from './permissions-apply.ts';
import { meshTrafficPermissionType } from './type.ts';

/**
 * MeshTrafficPermission: who may call. It is enforced where the listener ends the mesh's own TLS, since only there is
 * known who calls. Without any permission nobody may.
 */
export const meshTrafficPermissionApply: PolicyApply = {
  kind: meshTrafficPermissionType,
  inbound: edits,
};

function edits(rules: InboundRules | undefined): Edits {
  return rules === undefined || rules.rules.length === 0
    ? { listener: edit(clientsByAction(rules?.from ?? []), applyClients) }
    : {
        listener: edit(
          { rules: spiffeRules(rules.rules), shadow: shadowRules(rules.rules) },
          applySpiffeRules,
        ),
      };
}

/** The name under which the decision stands in Envoy's configuration. */
const policyName = meshTrafficPermissionType.name;

function applyClients(target: ListenerTarget, { allowed, shadowDenied }: PermittedClients): void {
  const principals = (subsets: PermittedClients['allowed']) =>
    subsets.map((subset) => principalOf(subset, target.mesh));
  enforce(target, {
    rules: rbacRules(policyName, 'allow', principals(allowed)),
    ...(shadowDenied.length === 0
      ? {}
      : { shadowRules: rbacRules(policyName, 'deny', principals(shadowDenied)) }),
  });
}

interface SpiffeRules {
  readonly rules: readonly UriRule[];
  readonly shadow: readonly UriRule[];
}

function applySpiffeRules(target: ListenerTarget, { rules, shadow }: SpiffeRules): void {
  enforce(target, {
    matcher: uriMatcher(rules),
    ...(shadow.length === 0 ? {} : { shadowMatcher: uriMatcher(shadow) }),
  });
}

/** Puts the filter before all others: into the HTTP connection manager where there is one, else into the chain. */
function enforce({ draft }: ListenerTarget, rbac: Rbac): void {
  for (const { filters, transportSocket } of draft.chains) {
    if (transportSocket === undefined) {
      continue;
    }
    const http = filters.find((filter) => filter.kind === 'http');
    if (http === undefined) {
      filters.unshift({ kind: 'finished', filter: networkRbac(draft.listener.name, rbac) });
    } else {
      http.manager.httpFilters.unshift(httpRbac(rbac));
    }
  }
}
