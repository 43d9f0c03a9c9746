import type { AnswerDescription, JsonSchema, QueryParameter } from './operation.ts';

export const text: JsonSchema = { type: 'string' };
export const flag: JsonSchema = { type: 'boolean' };
export const count: JsonSchema = { type: 'integer', minimum: 0 };
/** RFC 3339. */
export const time: JsonSchema = { type: 'string', format: 'date-time' };
export const anyObject: JsonSchema = { type: 'object' };

/** An object with these members; one whose name ends in `?` may be absent. */
export function object(members: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const required = Object.keys(members).filter((name) => !name.endsWith('?'));
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      Object.entries(members).map(([name, schema]) => [name.replace(/\?$/, ''), schema]),
    ),
  };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** An object with members of any name. */
export function mapOf(values: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: values };
}

export function anyOf(...schemas: readonly JsonSchema[]): JsonSchema {
  return schemas.length === 1 && schemas[0] !== undefined ? schemas[0] : { anyOf: schemas };
}

export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function described(description: string, schema: JsonSchema): JsonSchema {
  return { ...schema, description };
}

/** The address of the page that follows. */
export const nextPage: JsonSchema = {
  type: ['string', 'null'],
  description: 'The address of the next page; null on the last one.',
};

/** A page of a list, which knows how many there are. */
export function pageOf(items: JsonSchema): JsonSchema {
  return object({ total: count, items: listOf(items), next: nextPage });
}

export function ok(description: string, schema: JsonSchema): Readonly<Record<number, AnswerDescription>> {
  return { 200: { description, schema } };
}

export function parameter(name: string, description: string, schema: JsonSchema = text): QueryParameter {
  return { name, description, schema };
}

/** A parameter that is as if it were absent where it is empty. */
export function orEmpty(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { const: '' }] };
}

/** One of these words; the empty one is as if it were absent. */
export function choice(...words: readonly string[]): JsonSchema {
  return { type: 'string', enum: ['', ...words] };
}
