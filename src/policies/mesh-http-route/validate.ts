import type { ValidationContext } from '../../model/resource-type.ts';
import { field, index, Violations } from '../../model/violations.ts';
import { validateBackendRefs } from '../common/backend-ref.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateOwnTargetRef, validateTargetRef } from '../common/target-ref-validation.ts';
import type { HttpRouteMatch, HttpRouteRule, MeshHttpRouteSpec } from './schema.ts';
import { validateFilters } from './validate-filters.ts';

const ownKinds: readonly TargetRefKind[] = [
  'Mesh',
  'MeshGateway',
  'MeshSubset',
  'MeshService',
  'MeshServiceSubset',
  'Dataplane',
];
const toKinds: readonly TargetRefKind[] = ['MeshService', 'MeshExternalService', 'MeshMultiZoneService'];
const toKindsBehindGateway: readonly TargetRefKind[] = ['Mesh'];

/** What Kuma calls a backend of Kubernetes' Gateway API that does not exist. */
const unresolvedBackend = 'kuma.io/unresolved-backend';

/** Kuma's rules for a MeshHTTPRoute, in its order and words. */
export function validateMeshHttpRoute(spec: MeshHttpRouteSpec, { labels }: ValidationContext): Violations {
  const violations = new Violations();
  validateOwnTargetRef(violations, spec.targetRef, labels, { kinds: ownKinds, gatewayListenerTags: true });
  const gateway = spec.targetRef?.kind === 'MeshGateway';
  for (const [position, item] of (spec.to ?? []).entries()) {
    const path = index('spec.to', position);
    validateTargetRef(violations, field(path, 'targetRef'), item.targetRef, {
      kinds: gateway ? toKindsBehindGateway : toKinds,
    });
    for (const [rulePosition, rule] of item.rules.entries()) {
      validateRule(violations, index(field(path, 'rules'), rulePosition), rule, gateway);
    }
    if (!gateway && item.hostnames !== undefined && item.hostnames.length > 0) {
      violations.add(field(path, 'hostnames'), 'must not be defined');
    }
  }
  return violations;
}

function validateRule(violations: Violations, path: string, rule: HttpRouteRule, gateway: boolean): void {
  for (const [position, match] of rule.matches.entries()) {
    validateMatch(violations, index(field(path, 'matches'), position), match);
  }
  const { filters = [], backendRefs = [] } = rule.default;
  validateFilters(violations, field(path, 'default.filters'), filters, {
    gateway,
    prefixesOnly: rule.matches.every((match) => match.path?.type === 'PathPrefix'),
  });
  const backendsPath = field(path, 'default.backendRefs');
  // The routes of a gateway have no destination of their own, but for those that redirect.
  if (gateway && backendRefs.length === 0 && !filters.some(({ type }) => type === 'RequestRedirect')) {
    violations.add(backendsPath, 'must not be empty');
  }
  validateBackendRefs(violations, backendsPath, backendRefs, [unresolvedBackend]);
}

function validateMatch(violations: Violations, path: string, match: HttpRouteMatch): void {
  if (match.path !== undefined) {
    validatePath(violations, field(path, 'path.value'), match.path);
  }
  const names = new Set<string>();
  for (const [position, { name }] of (match.queryParams ?? []).entries()) {
    if (names.has(name)) {
      const namePath = field(index(field(path, 'queryParams'), position), 'name');
      violations.add(namePath, `multiple entries for name ${name}`);
    }
    names.add(name);
  }
  for (const [position, { type, value }] of (match.headers ?? []).entries()) {
    if ((type === 'Present' || type === 'Absent') && value !== undefined) {
      violations.add(field(index(field(path, 'headers'), position), 'value'), 'must not be defined');
    }
  }
}

function validatePath(
  violations: Violations,
  path: string,
  { type, value }: NonNullable<HttpRouteMatch['path']>,
): void {
  if (type === 'RegularExpression' || (type === 'PathPrefix' && value === '/')) {
    return;
  }
  if (type === 'PathPrefix' && value.endsWith('/')) {
    violations.add(
      path,
      'does not need a trailing slash because only a `/`-separated prefix or an entire path is matched',
    );
  }
  if (!value.startsWith('/')) {
    violations.add(path, 'must be an absolute path');
  }
}
