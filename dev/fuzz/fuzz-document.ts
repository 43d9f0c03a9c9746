/** An object of JSON. */
export type Json = { readonly [member: string]: unknown };

/**
 * The document as schemathesis should read it: answers have no members but those that are told, which readers need not
 * promise themselves, and headers that it cannot make up from their patterns have some values to choose from.
 */
export function fuzzDocument(document: Json): Json {
  const components = object(document.components);
  const schemas = object(components.schemas);
  const answers = Object.entries(schemas).map(([name, schema]) => [answerName(name), closed(schema)]);
  return {
    ...document,
    paths: mapMembers(object(document.paths), (path) =>
      mapMembers(object(path), (operation) => ({
        ...object(operation),
        responses: closed(object(operation).responses),
      })),
    ),
    components: {
      ...components,
      schemas: { ...schemas, ...Object.fromEntries(answers) },
      responses: closed(components.responses),
      parameters: {
        ...object(components.parameters),
        ...mapMembers(conditions, (values, name) => ({
          ...object(object(components.parameters)[name]),
          schema: { enum: values },
        })),
      },
    },
  };
}

/** Of the headers that have quotes in them. */
const conditions: Json = {
  IfMatch: ['*', '"1-lq2x3k"', '"7-zz", W/"8"'],
  IfNoneMatch: ['*', '"1-lq2x3k"', 'W/"7-zz"'],
};

function answerName(name: string): string {
  return `Answered${name}`;
}

const prefix = '#/components/schemas/';

/** A schema, or whatever holds schemas, with every object closed that says which members it has. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(closed);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const members = mapMembers(object(value), closed);
  const { $ref: reference } = members;
  if (typeof reference === 'string' && reference.startsWith(prefix)) {
    return { ...members, $ref: `${prefix}${answerName(reference.slice(prefix.length))}` };
  }
  const isOpen = typeof members.properties === 'object' && members.additionalProperties === undefined;
  return isOpen && members.type === 'object' ? { ...members, additionalProperties: false } : members;
}

function mapMembers(value: Json, map: (member: unknown, name: string) => unknown): Json {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member, name)]));
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
