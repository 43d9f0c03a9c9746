import type * as z from 'zod';
import { jsonType, valueAt } from './json-value.ts';
import type { Violation } from './violations.ts';

/** What a schema says of a document: rules that it breaks, or the first value that a decoder would refuse. */
export type SchemaVerdict =
  | { readonly kind: 'violations'; readonly violations: readonly Violation[] }
  | { readonly kind: 'undecodable'; readonly message: string };

type Issue = z.core.$ZodIssue;

/** Marks what the reference finds only when it decodes a document that its schema has let through. */
const decodeStage = 'decode';

/** Reports a value that the schema describes and a decoder refuses, in the decoder's words. */
export function decodeIssue(context: z.RefinementCtx, message: string): void {
  context.addIssue({ code: 'custom', message, params: { stage: decodeStage } });
}

/**
 * Words the issues of a schema as the reference does, which checks its newer types with
 * https://github.com/kubernetes/kube-openapi. Whole numbers and bytes carry their format (`int32`, `byte`), or
 * `integer` where they have none, as the issue's message.
 *
 * @param document what was checked; tells what stands where an issue points.
 */
export function schemaVerdict(issues: readonly Issue[], document: unknown): SchemaVerdict {
  const violations: Violation[] = [];
  const decoding: string[] = [];
  const checked = new Set<string>();
  for (const issue of issues) {
    const undecodable = decodeMessage(issue);
    if (undecodable !== undefined) {
      decoding.push(undecodable);
    } else if (!isSecondCheck(issue, checked)) {
      violations.push(...wordIssue(issue, document));
    }
  }
  const [first] = decoding;
  return violations.length === 0 && first !== undefined
    ? { kind: 'undecodable', message: first }
    : { kind: 'violations', violations };
}

/** The path of an issue as the schema writes it: `spec.to[0].targetRef.tags.version`. */
export function issuePath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

function decodeMessage(issue: Issue): string | undefined {
  if (issue.code === 'custom') {
    return issue.params?.stage === decodeStage ? issue.message : undefined;
  }
  return issue.code === 'invalid_union' ? issue.errors.flat().map(decodeMessage).find(isText) : undefined;
}

const checkedInTurn: ReadonlySet<Issue['code']> = new Set([
  'invalid_type',
  'too_small',
  'too_big',
  'invalid_format',
]);

/** The reference stops at the first of type, size and pattern that a value fails; zod tells all of them. */
function isSecondCheck(issue: Issue, seen: Set<string>): boolean {
  if (!checkedInTurn.has(issue.code)) {
    return false;
  }
  const path = issuePath(issue.path);
  const second = seen.has(path);
  seen.add(path);
  return second;
}

function wordIssue(issue: Issue, document: unknown): Violation[] {
  const path = issuePath(issue.path);
  const found = jsonType(valueAt(document, issue.path));
  if (found === undefined) {
    return [violation(path.includes('.') ? path : `.${path}`, 'in body is required')];
  }
  switch (issue.code) {
    case 'invalid_type':
      return [violation(path, wrongType(issue, found))];
    case 'invalid_value':
      return wordValues(path, issue.values, valueAt(document, issue.path), found);
    case 'invalid_union':
      return [
        { field: '', message: `"${path}" must validate at least one schema (anyOf)` },
        violation(path, `in body must be of type integer: "${found}"`),
      ];
    case 'too_small':
      if (issue.origin === 'int') {
        return [violation(path, tooLargeForInteger(issue.message))];
      }
      return [violation(path, `in body should ${limit(issue.origin, 'least', issue.minimum)}`)];
    case 'too_big':
      if (issue.origin === 'int') {
        return [violation(path, tooLargeForInteger(issue.message))];
      }
      return [violation(path, `in body should ${limit(issue.origin, 'most', issue.maximum)}`)];
    case 'invalid_format':
      return [violation(path, `in body should match '${(issue.pattern ?? '').replace(/^\/|\/$/g, '')}'`)];
    case 'custom':
      return [violation(path, wrongFormat(issue, valueAt(document, issue.path)))];
    default:
      return [violation(path, `in body ${issue.message}`)];
  }
}

/** A value that is none of those that the schema lists, which are texts or whole numbers. */
function wordValues(
  path: string,
  values: z.core.$ZodIssueInvalidValue['values'],
  value: unknown,
  found: string,
): Violation[] {
  const type = values.every((known) => typeof known === 'number') ? 'integer' : 'string';
  const typed = type === 'integer' ? Number.isInteger(value) : found === 'string';
  // The reference cuts off what is behind the point before it compares.
  const listed = type === 'integer' && values.some((known) => known === Math.trunc(Number(value)));
  return [
    ...(typed ? [] : [violation(path, `in body must be of type ${type}: "${found}"`)]),
    ...(listed && found === 'number'
      ? []
      : [violation(path, `in body should be one of [${values.map(String).join(' ')}]`)]),
  ];
}

/** A value that is not of the format that the issue's parameters name. */
function wrongFormat(issue: z.core.$ZodIssueCustom, value: unknown): string {
  const found = typeof value === 'string' ? value : typeof value === 'number' ? 'float64' : '';
  return value === null
    ? 'in body must be of type string: "null"'
    : `in body must be of type ${String(issue.params?.format)}: ${JSON.stringify(found)}`;
}

function wrongType(issue: z.core.$ZodIssueInvalidType, found: string): string {
  const expected: string = issue.expected;
  if (expected === 'string' && issue.message === 'byte') {
    return `in body must be of type byte: "${found === 'number' ? 'float64' : ''}"`;
  }
  if (expected !== 'int' && expected !== 'number') {
    return `in body must be of type ${expected === 'record' ? 'object' : expected}: "${found}"`;
  }
  // The reference compares formats before types, for all but text and lists.
  const byFormat =
    issue.message !== 'integer' && (found === 'number' || found === 'boolean' || found === 'object');
  return byFormat
    ? `in body must be of type ${issue.message}: "${found === 'number' ? 'float64' : ''}"`
    : `in body must be of type integer: "${found}"`;
}

/** Beyond what JSON numbers hold exactly, whole numbers are none. */
function tooLargeForInteger(format: string): string {
  return `in body must be of type ${format}: "float64"`;
}

function limit(origin: string, bound: 'least' | 'most', value: number | bigint): string {
  switch (origin) {
    case 'string':
      return `be at ${bound} ${value} chars long`;
    case 'array':
      return `have at ${bound} ${value} items`;
    default:
      return `be ${bound === 'least' ? 'greater' : 'less'} than or equal to ${goNumber(Number(value))}`;
  }
}

/** Writes a number as Go's `%g` does: with an exponent of two digits at least from a million on. */
function goNumber(value: number): string {
  return Math.abs(value) < 1e6 ? String(value) : value.toExponential().replace(/([+-])(\d)$/, '$10$2');
}

/** Violations below `spec` have a field; what is beside it is told in the message alone. */
function violation(path: string, message: string): Violation {
  return path.startsWith('spec.') ? { field: path, message } : { field: '', message: `${path} ${message}` };
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
