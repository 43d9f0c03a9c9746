import type { ResourceType } from '../../model/resource-type.ts';
import type { Route } from '../routing.ts';
import type { AnswerDescription, JsonSchema, Operation, QueryParameter } from './operation.ts';
import type { Schemas } from './schemas.ts';

const text: JsonSchema = { type: 'string' };
const time: JsonSchema = { type: 'string', format: 'date-time' };

/** `total` and `next` are of every list; what is in it differs. */
export function listSchema(items: JsonSchema): JsonSchema {
  return {
    type: 'object',
    required: ['items'],
    properties: {
      total: { type: 'integer' },
      items: { type: 'array', items },
      next: { type: ['string', 'null'], description: 'The address of the next page; null on the last one.' },
    },
  };
}

export const pageParameters: readonly QueryParameter[] = [
  {
    name: 'size',
    description: 'Items of a page.',
    schema: { type: 'integer', minimum: 0, maximum: 1000, default: 100 },
  },
  { name: 'offset', description: 'Where the page begins.', schema: text },
];

const listParameters: readonly QueryParameter[] = [
  ...pageParameters,
  { name: 'name', description: 'A part of the name.', schema: text },
  {
    name: 'filter[labels.<name>]',
    description: 'Only with this value of the label; `<name>` stands for its name.',
    schema: text,
  },
];

const proxyParameters: readonly QueryParameter[] = [
  {
    name: 'tag',
    description: 'Only with this tag, `name:value`; may be repeated.',
    schema: { type: 'array', items: text },
  },
  { name: 'gateway', description: '`true`, `false`, `builtin` or `delegated`.', schema: text },
];

const warned: AnswerDescription = {
  description: 'It was written.',
  schema: {
    type: 'object',
    properties: { warnings: { type: 'array', items: text, description: 'Settings that go away.' } },
  },
  headers: { ETag: 'The version that was written.' },
};

/** The schema of a resource as it is written and read, under the type's name. */
export function resourceSchema(type: ResourceType, schemas: Schemas): JsonSchema {
  const spec = schemas.inline(type.schema);
  const own = typeof spec.properties === 'object' && spec.properties !== null ? spec.properties : {};
  return schemas.named(type.name, {
    type: 'object',
    required: ['type', 'name'],
    properties: {
      type: { const: type.name },
      ...(type.scope === 'Mesh' && { mesh: text }),
      name: text,
      labels: { type: 'object', additionalProperties: text },
      creationTime: { ...time, description: 'Set by the control plane.' },
      modificationTime: { ...time, description: 'Set by the control plane.' },
      kri: { ...text, description: "Kuma's resource identifier." },
      ...(type.layout === 'spec' ? { spec } : own),
    },
  });
}

/** What is said of the endpoints that every type of resources has; undefined for others. */
export function resourceOperation(
  { method, path }: Pick<Route, 'method' | 'path'>,
  types: readonly ResourceType[],
  schemas: Schemas,
): Operation | undefined {
  for (const type of types) {
    const base = type.scope === 'Mesh' ? `/meshes/:mesh/${type.path}` : `/${type.path}`;
    if (method === 'GET' && (path === base || path === `/${type.path}`)) {
      return listOperation(type, path !== base, schemas);
    }
    if (path === `${base}/:name`) {
      return oneOperation(method, type, schemas);
    }
  }
  return undefined;
}

function listOperation(type: ResourceType, ofAll: boolean, schemas: Schemas): Operation {
  return {
    tag: type.readOnly ? 'insights' : 'resources',
    summary: `${type.pluralDisplayName}${ofAll ? ' of all meshes' : ''}`,
    query: type.name === 'Dataplane' ? [...listParameters, ...proxyParameters] : listParameters,
    conditional: true,
    answers: {
      200: { description: 'A page, by name.', schema: listSchema(resourceSchema(type, schemas)) },
      304: { description: 'It is still the one that the caller has.' },
    },
  };
}

function oneOperation(method: Route['method'], type: ResourceType, schemas: Schemas): Operation | undefined {
  const name = type.singularDisplayName;
  const tag = type.readOnly ? 'insights' : 'resources';
  const resource = resourceSchema(type, schemas);
  switch (method) {
    case 'GET':
      return {
        tag,
        summary: `One ${name}`,
        conditional: true,
        answers: {
          200: { description: 'It is there.', schema: resource, headers: { ETag: 'Its version.' } },
          304: { description: 'It is still the one that the caller has.' },
        },
      };
    case 'PUT':
      return {
        tag,
        summary: `Create or replace one ${name}`,
        body: { schema: resource },
        conditional: true,
        answers: { 200: warned, 201: { ...warned, description: 'It was made.' } },
      };
    case 'DELETE':
      return {
        tag,
        summary: `Delete one ${name}`,
        conditional: true,
        answers: { 200: { description: 'It is gone.', schema: { type: 'object' } } },
      };
    default:
      return undefined;
  }
}
