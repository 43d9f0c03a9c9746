import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { JsonSchema, SchemaSource } from './operation.ts';

/** Collects schemas under names, as `components.schemas` of the document. */
export interface Schemas {
  /** Adds a schema, made when it is first asked for, and gives a reference to it; one name is one schema. */
  named(name: string, source: SchemaSource | (() => JsonSchema)): JsonSchema;
  /** A schema in place. Parts of it that have a name of their own (`meta({ id })`) are collected. */
  inline(source: SchemaSource): JsonSchema;
  readonly all: Readonly<Record<string, JsonSchema>>;
}

const prefix = '#/components/schemas/';

/** How zod calls what has no name and refers to itself, which is `z.json()` and nothing else here. */
const anonymous = /__schema\d+/g;
const jsonValue = 'JsonValue';

export function createSchemas(): Schemas {
  const all: Record<string, JsonSchema> = {};

  function inline(source: SchemaSource): JsonSchema {
    if (!(source instanceof z.ZodType)) {
      return source;
    }
    const {
      $schema: _version,
      $defs = {},
      id: _id,
      ...schema
    } = z.toJSONSchema(source, {
      io: 'input',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => boundedByType(jsonSchema),
    });
    for (const [name, definition] of Object.entries($defs)) {
      const { id: _name, ...named } = definition;
      add(name.replace(anonymous, jsonValue), relocated(named));
    }
    return relocated(schema);
  }

  function add(name: string, schema: JsonSchema): void {
    const known = all[name];
    if (known !== undefined && !isDeepStrictEqual(known, schema)) {
      throw new Error(`two schemas are called ${name}`);
    }
    all[name] = schema;
  }

  return {
    all,
    inline,
    named(name, source) {
      all[name] ??= typeof source === 'function' ? source() : inline(source);
      return { $ref: `${prefix}${name}` };
    },
  };
}

/** A number is within the bounds of its type in Go, be they those of a check or not. */
function boundedByType(schema: Record<string, unknown>): void {
  const { lowest, highest, minimum = lowest, maximum = highest } = schema;
  if (typeof lowest === 'number' && typeof highest === 'number') {
    schema.minimum = Math.max(lowest, Number(minimum));
    schema.maximum = Math.min(highest, Number(maximum));
    delete schema.lowest;
    delete schema.highest;
  }
}

/** zod refers to definitions within the schema itself. */
function relocated(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', `"${prefix}`);
  return JSON.parse(text.replace(anonymous, jsonValue)) as JsonSchema;
}
