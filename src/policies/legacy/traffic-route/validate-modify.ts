import { field, index, type Violations } from '../../../model/violations.ts';
import { empty } from '../common/value-rules.ts';
import type { Headers, Match, Modify, RegexReplace } from './schema.ts';

/** Checks how a route changes requests and responses. */
export function validateModify(
  violations: Violations,
  path: string,
  modify: Modify = {},
  match: Match = {},
): void {
  validatePath(violations, field(path, 'path'), modify.path, match);
  validateHost(violations, field(path, 'host'), modify.host);
  validateHeaders(violations, field(path, 'requestHeaders'), modify.requestHeaders);
  validateHeaders(violations, field(path, 'responseHeaders'), modify.responseHeaders);
}

function validatePath(violations: Violations, path: string, change: Modify['path'], match: Match): void {
  if (change === undefined) {
    return;
  }
  const { rewritePrefix, regex } = change;
  if (rewritePrefix === '') {
    violations.add(field(path, 'rewritePrefix'), empty);
  } else if (rewritePrefix !== undefined) {
    if ((match.path?.prefix ?? '') === '') {
      violations.add(
        field(path, 'rewritePrefix'),
        'can only be set when .http.match.path.prefix is not empty',
      );
    }
  } else if (regex !== undefined) {
    validateRegexReplace(violations, field(path, 'regex'), regex);
  } else {
    violations.add(path, 'either "rewritePrefix" or "regex" has to be set');
  }
}

function validateHost(violations: Violations, path: string, change: Modify['host']): void {
  if (change === undefined) {
    return;
  }
  const { value, fromPath } = change;
  if (value === '') {
    violations.add(field(path, 'value'), empty);
  } else if (fromPath !== undefined) {
    validateRegexReplace(violations, field(path, 'fromPath'), fromPath);
  } else if (value === undefined) {
    violations.add(path, 'either "value" or "fromPath" has to be set');
  }
}

function validateRegexReplace(violations: Violations, path: string, replace: RegexReplace): void {
  if (replace.pattern === undefined) {
    violations.add(field(path, 'pattern'), empty);
  }
  if (replace.substitution === undefined) {
    violations.add(field(path, 'substitution'), empty);
  }
}

function validateHeaders(violations: Violations, path: string, headers: Headers = {}): void {
  for (const [position, { name, value }] of (headers.add ?? []).entries()) {
    const place = index(field(path, 'add'), position);
    validateHeaderName(violations, field(place, 'name'), name);
    if (value === undefined) {
      violations.add(field(place, 'value'), empty);
    }
  }
  for (const [position, { name }] of (headers.remove ?? []).entries()) {
    validateHeaderName(violations, field(index(field(path, 'remove'), position), 'name'), name);
  }
}

/** Whom a request is for is changed by `host` alone. */
function validateHeaderName(violations: Violations, path: string, name: string | undefined): void {
  if (name === undefined) {
    violations.add(path, empty);
  } else if (name.startsWith(':') || name === 'host' || name === 'Host') {
    violations.add(path, 'host header and HTTP/2 pseudo-headers are not allowed to be modified');
  }
}
