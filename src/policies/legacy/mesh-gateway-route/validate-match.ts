import { field, index, type Violations } from '../../../model/violations.ts';
import { empty } from '../common/value-rules.ts';
import type { Match } from './schema.ts';

/** Checks which requests a rule takes. */
export function validateMatch(violations: Violations, path: string, match: Match): void {
  if (Object.keys(match).length === 0) {
    violations.add(path, empty);
  }
  validatePath(violations, field(path, 'value'), match.path);
  for (const [position, { match: kind, name, value }] of (match.headers ?? []).entries()) {
    const place = index(field(path, 'headers'), position);
    const valueless = kind === 'ABSENT' || kind === 'PRESENT';
    requireText(violations, field(place, 'name'), name);
    if (!valueless) {
      requireText(violations, field(place, 'value'), value);
    } else if (value !== undefined) {
      violations.add(field(place, 'value'), 'cannot be set');
    }
  }
  for (const [position, { name, value }] of (match.queryParameters ?? []).entries()) {
    const place = index(field(path, 'query_parameters'), position);
    requireText(violations, field(place, 'name'), name);
    requireText(violations, field(place, 'value'), value);
  }
}

/** The reference leaves `path` out of the field's path. */
function validatePath(violations: Violations, path: string, requestPath: Match['path']): void {
  if (requestPath === undefined) {
    return;
  }
  const { match, value } = requestPath;
  if (match === 'REGEX') {
    requireText(violations, path, value);
  } else if (value?.startsWith('/') !== true) {
    violations.add(path, 'must be an absolute path');
  }
}

function requireText(violations: Violations, path: string, text: string | undefined): void {
  if (text === undefined) {
    violations.add(path, empty);
  }
}
