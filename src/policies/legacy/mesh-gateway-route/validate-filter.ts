import { validateOptionalPort } from '../../../model/rules.ts';
import { validateSelector } from '../../../model/tags.ts';
import { field, index, type Violations } from '../../../model/violations.ts';
import { anyService } from '../common/connection.ts';
import { empty, validatePercentage } from '../common/value-rules.ts';
import type { Backend, Filter } from './schema.ts';

/** What a filter must know of its rule. */
interface RuleFacts {
  /** The rule matches a prefix of the path. */
  readonly prefixMatch: boolean;
  /** The rule sets the host to that of the backend. */
  readonly toBackendHostname: boolean;
}

/** Checks one filter of a rule. Headers of responses have no rules. */
export function validateFilter(violations: Violations, path: string, filter: Filter, rule: RuleFacts): void {
  const { requestHeader, redirect, mirror, rewrite } = filter;
  if (requestHeader !== undefined) {
    validateHeaders(violations, field(path, 'request_header'), requestHeader, rule);
  }
  if (redirect !== undefined) {
    const { port, statusCode = 0 } = redirect;
    validateOptionalPort(violations, field(path, 'redirect.port'), port);
    if (statusCode < 300 || statusCode > 308) {
      violations.add(field(path, 'redirect.status_code'), 'must be in the range [300, 308]');
    }
  }
  if (mirror !== undefined) {
    validatePercentage(violations, field(path, 'mirror.percentage'), mirror.percentage);
    validateBackend(violations, field(path, 'mirror.backend'), mirror.backend);
  }
  if (rewrite?.replacePrefixMatch !== undefined && !rule.prefixMatch) {
    violations.add(
      field(path, 'rewrite.replacePrefixMatch'),
      'cannot be used without a match on path prefix',
    );
  }
}

/** Checks where requests go. */
export function validateBackend(violations: Violations, path: string, backend: Backend | undefined): void {
  if (backend === undefined) {
    violations.add(path, empty);
  } else {
    validateSelector(violations, path, backend.destination, anyService);
  }
}

const hostHeaders = [':authority', 'Host', 'host'];

function validateHeaders(
  violations: Violations,
  path: string,
  headers: NonNullable<Filter['requestHeader']>,
  rule: RuleFacts,
): void {
  if (Object.keys(headers).length === 0) {
    violations.add(path, empty);
  }
  for (const list of ['set', 'add'] as const) {
    for (const [position, { name, value }] of (headers[list] ?? []).entries()) {
      const place = index(field(path, list), position);
      if (name === undefined) {
        violations.add(field(place, 'name'), empty);
      } else if (rule.toBackendHostname && hostHeaders.includes(name)) {
        violations.add(
          place,
          `cannot modify '${name}' header, when route has set 'rewrite.host_to_backend_hostname' option`,
        );
      }
      if (value === undefined) {
        violations.add(field(place, 'value'), empty);
      }
    }
  }
  for (const [position, name] of (headers.remove ?? []).entries()) {
    if (name === '') {
      violations.add(index(field(path, 'remove'), position), empty);
    }
  }
}
