import type * as z from 'zod';
import { jsonType, valueAt } from './json-value.ts';

type Issue = z.core.$ZodIssue;

/** What Go decodes the types of a schema into. */
const goTypes: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  number: 'uint32',
  int: 'uint32',
  object: 'map[string]json.RawMessage',
  record: 'map[string]json.RawMessage',
  array: '[]json.RawMessage',
};

/** Words an issue as Go's JSON decoder does for the types that {@link goTypes} has; zod's own words otherwise. */
export function decodeMessage(issue: Issue, document: unknown): string {
  const value = valueAt(document, issue.path);
  if (issue.code === 'invalid_type') {
    return cannotUnmarshal(value, goTypes[issue.expected] ?? issue.expected);
  }
  if ((issue.code === 'too_small' || issue.code === 'too_big') && typeof value === 'number') {
    return cannotUnmarshal(value, 'uint32');
  }
  return issue.message;
}

function cannotUnmarshal(value: unknown, type: string): string {
  const found = jsonType(value) ?? 'nothing';
  const literal = found === 'number' && type === 'uint32' ? ` ${String(value)}` : '';
  return `json: cannot unmarshal ${found === 'boolean' ? 'bool' : found}${literal} into Go value of type ${type}`;
}
