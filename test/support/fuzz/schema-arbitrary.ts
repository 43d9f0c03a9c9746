import fc from 'fast-check';
import { plausibleText } from './words.ts';

/** A JSON Schema, as the OpenAPI document has it. */
export type JsonSchema = { readonly [member: string]: unknown };

/** Schemas by name, for references. */
export type NamedSchemas = Readonly<Record<string, JsonSchema>>;

const prefix = '#/components/schemas/';
/** How deep lists and objects are filled; below only what must be there is. */
const fullDepth = 7;

/**
 * Values that fit a schema as far as it says anything, with words in them that mean something to the control plane, so that
 * many of the documents are taken.
 */
export function valuesOf(schema: JsonSchema, named: NamedSchemas, depth = 0): fc.Arbitrary<unknown> {
  const { $ref: reference, anyOf, oneOf, enum: values, type } = schema;
  if (typeof reference === 'string') {
    const name = reference.replace(prefix, '');
    // The only one that refers to itself.
    return name === 'JsonValue' ? fc.jsonValue({ maxDepth: 3 }) : valuesOf(member(named, name), named, depth);
  }
  if ('const' in schema) {
    return fc.constant(schema.const);
  }
  if (Array.isArray(values)) {
    return fc.constantFrom(...values);
  }
  const choices = Array.isArray(anyOf) ? anyOf : oneOf;
  if (Array.isArray(choices)) {
    return fc.oneof(...choices.map((choice) => valuesOf(Object(choice), named, depth)));
  }
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return types.length === 1
    ? ofType(types[0], schema, named, depth)
    : fc.oneof(...types.map((each) => ofType(each, schema, named, depth)));
}

function ofType(
  type: unknown,
  schema: JsonSchema,
  named: NamedSchemas,
  depth: number,
): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objectOf(schema, named, depth);
    case 'array':
      return listOf(schema, named, depth);
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return numberOf(schema, type === 'integer');
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(schema: JsonSchema, named: NamedSchemas, depth: number): fc.Arbitrary<unknown> {
  const { properties, required, additionalProperties } = schema;
  const members = Object.entries(Object(properties)).map(([name, value]): [string, fc.Arbitrary<unknown>] => [
    name,
    valuesOf(Object(value), named, depth + 1),
  ]);
  if (members.length > 0) {
    const needed: readonly string[] = Array.isArray(required) ? required : [];
    return fc.record(depth < fullDepth ? Object.fromEntries(members) : only(members, needed), {
      requiredKeys: depth === 1 ? [...needed, ...spec(members)] : [...needed],
    });
  }
  if (typeof additionalProperties === 'object' && additionalProperties !== null) {
    const values = valuesOf(Object(additionalProperties), named, depth + 1);
    return fc.dictionary(plausibleText('key'), values, { maxKeys: depth < fullDepth ? 3 : 0 });
  }
  return fc.constant({});
}

/** What a document is about is mostly there. */
function spec(members: readonly (readonly [string, unknown])[]): readonly string[] {
  return members.flatMap(([name]) =>
    ['default', 'spec', 'conf', 'networking'].includes(name) ? [name] : [],
  );
}

function only(
  members: readonly (readonly [string, fc.Arbitrary<unknown>])[],
  names: readonly string[],
): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(members.filter(([name]) => names.includes(name)));
}

function listOf(schema: JsonSchema, named: NamedSchemas, depth: number): fc.Arbitrary<unknown> {
  const { items, minItems, maxItems } = schema;
  const least = typeof minItems === 'number' ? minItems : 0;
  const most = typeof maxItems === 'number' ? maxItems : 3;
  return fc.array(valuesOf(Object(items), named, depth + 1), {
    minLength: least,
    maxLength: Math.max(least, Math.min(most, depth < fullDepth ? 3 : 0)),
  });
}

function textOf(schema: JsonSchema): fc.Arbitrary<string> {
  const { pattern, format, maxLength, description } = schema;
  if (format === 'date-time') {
    return fc
      .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  const words = plausibleText(typeof description === 'string' ? description : '');
  const likely =
    typeof pattern === 'string'
      ? fc.oneof(
          { arbitrary: fc.stringMatching(new RegExp(pattern)), weight: 1 },
          { arbitrary: words.filter((word) => new RegExp(pattern).test(word)), weight: 2 },
        )
      : words;
  return typeof maxLength === 'number' ? likely.map((text) => text.slice(0, maxLength)) : likely;
}

function numberOf({ minimum, maximum }: JsonSchema, isWhole: boolean): fc.Arbitrary<number> {
  const min = typeof minimum === 'number' ? minimum : -1_000_000;
  const max = typeof maximum === 'number' ? maximum : 1_000_000;
  const small = fc.integer({ min: Math.ceil(Math.max(min, 0)), max: Math.floor(Math.min(max, 10_000)) });
  const any = isWhole
    ? fc.integer({ min: Math.max(min, -0x8000_0000), max: Math.min(max, 0x7fff_ffff) })
    : fc.double({ min, max, noNaN: true });
  return min > 10_000 ? any : fc.oneof({ arbitrary: small, weight: 3 }, { arbitrary: any, weight: 1 });
}

function member(named: NamedSchemas, name: string): JsonSchema {
  const found = named[name];
  if (found === undefined) {
    throw new Error(`the document has no schema ${name}`);
  }
  return found;
}
