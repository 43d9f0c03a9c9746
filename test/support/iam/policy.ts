import * as z from 'zod';

/*
 * As much of IAM's evaluation as our policies use, by its documentation ("Policy evaluation logic", "Condition operators",
 * "Multivalued context keys", "Variables and tags"). What it does not know it throws at, so that no test passes unread.
 */

const textsSchema = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.strictObject({ AWS: textsSchema.optional(), Service: textsSchema.optional() }).optional(),
  Action: textsSchema,
  Resource: textsSchema.optional(),
  Condition: z.record(z.string(), z.record(z.string(), textsSchema)).optional(),
});

/** One statement of a policy; lists where a document may have a single text. */
export type Statement = z.infer<typeof statementSchema>;

const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(statementSchema),
});

/** What is asked of IAM. */
export interface AccessRequest {
  /** Such as `dynamodb:GetItem`. */
  readonly action: string;
  /** The ARN; absent for a trust policy, whose role it is. */
  readonly resource?: string;
  /** Values of context keys by their names, which are told apart without regard to case. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export type Decision = 'allowed' | 'denied' | 'not allowed';

/** @throws Error where it is none, or has elements that the evaluation does not know. */
export function parsePolicy(document: unknown): readonly Statement[] {
  return policySchema.parse(document).Statement;
}

/** What the statements together make of a request: one that denies wins, and without one that allows nothing is. */
export function evaluate(statements: readonly Statement[], request: AccessRequest): Decision {
  const matching = statements.filter((statement) => applies(statement, request));
  if (matching.some(({ Effect }) => Effect === 'Deny')) {
    return 'denied';
  }
  return matching.length > 0 ? 'allowed' : 'not allowed';
}

function applies(statement: Statement, request: AccessRequest): boolean {
  const context = new Map(
    Object.entries(request.context).map(([name, value]) => [name.toLowerCase(), [value].flat()] as const),
  );
  const { Action: actions, Resource: resources, Condition: conditions = {} } = statement;
  return (
    actions.some((action) => pattern(action, new Map())?.test(request.action) === true) &&
    (request.resource === undefined ||
      resources?.some((resource) => pattern(resource, context)?.test(request.resource ?? '')) === true) &&
    Object.entries(conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, expected]) => holds(operator, key.toLowerCase(), expected, context)),
    )
  );
}

type Context = ReadonlyMap<string, readonly string[]>;

function holds(operator: string, key: string, expected: readonly string[], context: Context): boolean {
  const [, quantifier, name = ''] = /^(?:(ForAllValues|ForAnyValue):)?(\w+)$/.exec(operator) ?? [];
  const actual = context.get(key);
  const matches = (value: string) => matchesOne(name, value, expected, context);
  if (quantifier === 'ForAllValues') {
    // Holds where the key is absent: "returns true if there are no context keys in the request".
    return (actual ?? []).every(matches);
  }
  if (actual === undefined) {
    matchesOne(name, '', expected, context);
    return name.includes('Not');
  }
  if (quantifier === undefined && actual.length !== 1) {
    throw new Error(`${operator} takes one value of ${key}, there are ${actual.length}`);
  }
  return actual.some(matches);
}

/** One value held against those of the policy: any of them, or none for what is negated. */
function matchesOne(operator: string, value: string, expected: readonly string[], context: Context): boolean {
  const like = () => expected.some((text) => pattern(text, context)?.test(value) === true);
  const equals = () => expected.some((text) => substituted(text, context) === value);
  switch (operator) {
    case 'StringEquals':
      return equals();
    case 'StringNotEquals':
      return !equals();
    case 'StringLike':
    case 'ArnLike':
      return like();
    case 'StringNotLike':
    case 'ArnNotLike':
      return !like();
    default:
      throw new Error(`the condition operator ${operator} is not known here`);
  }
}

/** A text with its variables; undefined where one of them has no value, for then it matches nothing. */
function substituted(text: string, context: Context): string | undefined {
  let isKnown = true;
  const result = text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
    const values = context.get(name.toLowerCase());
    isKnown &&= values?.length === 1;
    return values?.[0] ?? '';
  });
  return isKnown ? result : undefined;
}

/** `*` and `?` of the policy stand for characters; those of a variable's value for themselves. */
function pattern(text: string, context: Context): RegExp | undefined {
  const parts = text.split(/(\$\{[^}]+\}|\*|\?)/);
  let source = '';
  for (const part of parts) {
    if (part === '*' || part === '?') {
      source += part === '*' ? '[^]*' : '[^]';
    } else {
      const value = substituted(part, context);
      if (value === undefined) {
        return undefined;
      }
      source += value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    }
  }
  return new RegExp(`^${source}$`);
}
