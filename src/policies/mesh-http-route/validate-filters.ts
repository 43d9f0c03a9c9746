import { field, index, type Violations } from '../../model/violations.ts';
import type { TargetRefKind } from '../common/target-ref.ts';
import { validateTargetRef } from '../common/target-ref-validation.ts';
import { validatePercentage } from '../common/value-rules.ts';
import type { HttpHeaderModifier, HttpRouteFilter } from './schema.ts';

/** What the rules of filters depend on. */
interface FilterContext {
  /** Whether the route is one of a gateway. */
  readonly gateway: boolean;
  /** Whether every match of the rule is one of a path's prefix. */
  readonly prefixesOnly: boolean;
}

type Redirect = NonNullable<HttpRouteFilter['requestRedirect']>;
type UrlRewrite = NonNullable<HttpRouteFilter['urlRewrite']>;
type PathRewrite = NonNullable<Redirect['path']>;
type Mirror = NonNullable<HttpRouteFilter['requestMirror']>;

const mirrorKinds: readonly TargetRefKind[] = ['MeshService', 'MeshServiceSubset'];

/** Kuma's rules for the filters of a rule. Only the member that the type names is looked at. */
export function validateFilters(
  violations: Violations,
  path: string,
  filters: readonly HttpRouteFilter[],
  context: FilterContext,
): void {
  for (const [position, filter] of filters.entries()) {
    validateFilter(violations, index(path, position), filter, context);
  }
}

function validateFilter(
  violations: Violations,
  path: string,
  filter: HttpRouteFilter,
  context: FilterContext,
): void {
  switch (filter.type) {
    case 'RequestHeaderModifier':
      required(
        violations,
        field(path, 'requestHeaderModifier'),
        filter.requestHeaderModifier,
        validateHeaders,
      );
      break;
    case 'ResponseHeaderModifier':
      required(
        violations,
        field(path, 'responseHeaderModifier'),
        filter.responseHeaderModifier,
        validateHeaders,
      );
      break;
    case 'RequestRedirect':
      required(violations, field(path, 'requestRedirect'), filter.requestRedirect, (...found) =>
        validateDestination(...found, context),
      );
      break;
    case 'URLRewrite':
      required(violations, field(path, 'urlRewrite'), filter.urlRewrite, (...found) =>
        validateUrlRewrite(...found, context),
      );
      break;
    case 'RequestMirror':
      required(violations, field(path, 'requestMirror'), filter.requestMirror, validateMirror);
  }
}

/** Checks a member that has to be there. */
function required<Value>(
  violations: Violations,
  path: string,
  value: Value | undefined,
  check: (violations: Violations, path: string, value: Value) => void,
): void {
  if (value === undefined) {
    violations.add(path, 'must be defined');
  } else {
    check(violations, path, value);
  }
}

function validateHeaders(violations: Violations, path: string, modifier: HttpHeaderModifier): void {
  const { set, add, remove } = modifier;
  if (set === undefined && add === undefined && remove === undefined) {
    violations.add(path, 'must have at least one defined: set, add, remove');
  }
  const seen = new Set<string>();
  const lists = {
    set: set?.map(({ name }) => name) ?? [],
    add: add?.map(({ name }) => name) ?? [],
    remove: remove ?? [],
  };
  for (const [list, names] of Object.entries(lists)) {
    for (const [position, name] of names.entries()) {
      if (seen.has(name)) {
        violations.add(field(index(field(path, list), position), 'name'), 'duplicate header name');
      }
      seen.add(name);
    }
  }
}

function validateDestination(
  violations: Violations,
  path: string,
  { path: rewrite, hostname }: Redirect | UrlRewrite,
  { prefixesOnly }: FilterContext,
): void {
  if (rewrite !== undefined) {
    validateRewrite(violations, field(path, 'path'), rewrite);
  }
  if (rewrite?.replacePrefixMatch !== undefined && !prefixesOnly) {
    violations.add(
      field(path, 'path.replacePrefixMatch'),
      'can only appear if all matches match a path prefix',
    );
  }
  if (hostname !== undefined && isIpv4(hostname)) {
    violations.add(field(path, 'hostname'), 'cannot be an IP address');
  }
}

/** The reference takes a rewrite without what its type needs, and fails as soon as it configures a proxy. */
function validateRewrite(violations: Violations, path: string, rewrite: PathRewrite): void {
  const member = rewrite.type === 'ReplaceFullPath' ? 'replaceFullPath' : 'replacePrefixMatch';
  if (rewrite[member] === undefined) {
    violations.add(field(path, member), 'must be defined');
  }
}

function validateUrlRewrite(
  violations: Violations,
  path: string,
  rewrite: UrlRewrite,
  context: FilterContext,
): void {
  validateDestination(violations, path, rewrite, context);
  if (rewrite.hostToBackendHostname !== true) {
    return;
  }
  const flagPath = field(path, 'hostToBackendHostname');
  if (!context.gateway) {
    violations.add(flagPath, 'can only be set with MeshGateway');
  }
  if (rewrite.hostname !== undefined) {
    violations.add(flagPath, 'cannot be set together with hostname');
  }
}

function validateMirror(violations: Violations, path: string, { percentage, backendRef }: Mirror): void {
  validatePercentage(violations, field(path, 'percentage'), percentage);
  validateTargetRef(violations, field(path, 'backendRef'), backendRef, { kinds: mirrorKinds });
}

/** Zeros in front are no matter, as in the reference. */
function isIpv4(hostname: string): boolean {
  return /^\d+(\.\d+){3}$/.test(hostname) && hostname.split('.').every((part) => Number(part) <= 255);
}
