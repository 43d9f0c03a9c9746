import { z } from 'zod';
import type { JsonSchema, SchemaSource } from './operation.ts';

/** Collects schemas under names, as `components.schemas` of the document. */
export interface Schemas {
  /** Adds a schema and gives a reference to it; one name is one schema. */
  named(name: string, source: SchemaSource): JsonSchema;
  /** A schema in place. Parts of it that have a name of their own (`meta({ id })`) are collected. */
  inline(source: SchemaSource): JsonSchema;
  readonly all: Readonly<Record<string, JsonSchema>>;
}

const prefix = '#/components/schemas/';

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
    });
    for (const [name, definition] of Object.entries($defs)) {
      const { id: _name, ...named } = definition;
      all[name] = relocated(named);
    }
    return relocated(schema);
  }

  return {
    all,
    inline,
    named(name, source) {
      all[name] ??= inline(source);
      return { $ref: `${prefix}${name}` };
    },
  };
}

/** zod refers to definitions within the schema itself. */
function relocated(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${prefix}`)) as JsonSchema;
}
