import { field, key, type Violations } from '../../../model/violations.ts';
import { empty } from '../common/value-rules.ts';
import type { Match, StringMatcher } from './schema.ts';

/** Checks which requests a route takes: some have to be named. */
export function validateMatch(violations: Violations, path: string, match: Match = {}): void {
  const { method, path: requestPath, headers } = match;
  if (method === undefined && requestPath === undefined && headers === undefined) {
    violations.add(
      path,
      'must be present and contain at least one of the elements: "method", "path" or "headers"',
    );
    return;
  }
  if (method !== undefined) {
    validateStringMatcher(violations, field(path, 'method'), method);
  }
  if (requestPath !== undefined) {
    validateStringMatcher(violations, field(path, 'path'), requestPath);
  }
  if (headers !== undefined && Object.keys(headers).length === 0) {
    violations.add(field(path, 'headers'), 'must contain at least one element');
  }
  for (const [name, matcher] of Object.entries(headers ?? {})) {
    const place = key(field(path, 'headers'), name);
    if (name === '') {
      violations.add(place, empty);
    }
    validateStringMatcher(violations, place, matcher);
  }
}

function validateStringMatcher(violations: Violations, path: string, matcher: StringMatcher): void {
  if (Object.keys(matcher).length === 0) {
    // "split" for "prefix": the reference says it so.
    violations.add(path, `${empty}. Available options: "exact", "split" or "regex"`);
  }
  for (const name of ['prefix', 'regex'] as const) {
    if (matcher[name] === '') {
      violations.add(field(path, name), empty);
    }
  }
}
