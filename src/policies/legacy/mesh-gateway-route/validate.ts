import { validateSelectors } from '../../../model/selectors.ts';
import { field, index, Violations } from '../../../model/violations.ts';
import { anyService } from '../common/connection.ts';
import { empty } from '../common/value-rules.ts';
import type { HttpRule, MeshGatewayRouteSpec } from './schema.ts';
import { validateBackend, validateFilter } from './validate-filter.ts';
import { validateMatch } from './validate-match.ts';

/** Kuma's rules for a MeshGatewayRoute. */
export function validateMeshGatewayRoute(spec: MeshGatewayRouteSpec): Violations {
  const violations = new Violations();
  validateSelectors(violations, 'selectors', spec.selectors, anyService);
  const { tcp, http } = spec.conf ?? {};
  if (tcp === undefined && http === undefined) {
    violations.add('conf', empty);
  }
  if (http !== undefined && http.rules === undefined) {
    violations.add('conf.http.rules', empty);
  }
  for (const [position, rule] of (http?.rules ?? []).entries()) {
    validateRule(violations, index('conf.http.rules', position), rule);
  }
  return violations;
}

function validateRule(violations: Violations, path: string, rule: HttpRule): void {
  const { matches, filters = [], backends = [] } = rule;
  if (matches === undefined) {
    violations.add(field(path, 'matches'), empty);
    return;
  }
  for (const [position, match] of matches.entries()) {
    validateMatch(violations, index(field(path, 'matches'), position), match);
  }
  const toBackendHostname = filters.some(({ rewrite }) => rewrite?.hostToBackendHostname === true);
  // The reference takes the filters out that rewrite the host, and counts positions without them.
  const others = filters.filter(({ rewrite }) => rewrite?.hostToBackendHostname !== true);
  for (const [position, filter] of others.entries()) {
    validateFilter(violations, index(field(path, 'filters'), position), filter, {
      prefixMatch: matches.some((match) => match.path?.match === 'PREFIX'),
      toBackendHostname,
    });
  }
  const redirects = others.some(({ redirect }) => redirect !== undefined);
  if (redirects && filters.length !== 1) {
    violations.add(field(path, 'filters'), 'redirects cannot be used with other filters');
    return;
  }
  if (redirects && backends.length > 0) {
    violations.add(field(path, 'backends'), 'must be empty when using redirect filters');
  } else if (!redirects && backends.length === 0) {
    violations.add(field(path, 'backends'), empty);
  }
  for (const [position, backend] of backends.entries()) {
    validateBackend(violations, index(field(path, 'backends'), position), backend);
  }
}
