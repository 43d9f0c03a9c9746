import type { ResourceType } from '../../model/resource-type.ts';
import type { Route } from '../routing.ts';
import {
  anyStatuses,
  bodyStatuses,
  errorSchema,
  postStatuses,
  refusals,
  writeStatuses,
} from './common-answers.ts';
import type { AnswerDescription, JsonSchema, Operation } from './operation.ts';
import { tags } from './operation.ts';
import { operationOf } from './operations.ts';
import { createSchemas, type Schemas } from './schemas.ts';

/** The document, as far as readers of it here look into it. */
export interface OpenApiDocument extends JsonSchema {
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
}

/**
 * The OpenAPI 3.1 document of the endpoints that are really there. What it says of a type of resources comes from the
 * type's own schema.
 *
 * @param version of the API, which is that of the Kuma whose API it is.
 * @throws Error where an endpoint has no description.
 */
export function openApiDocument(
  routes: readonly Route[],
  types: readonly ResourceType[],
  version: string,
): OpenApiDocument {
  const schemas = createSchemas();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  const error = schemas.named('Error', errorSchema);
  for (const route of routes.filter(({ alwaysRefuses }) => alwaysRefuses !== true)) {
    const operation = operationOf(route, types, schemas);
    if (operation === undefined) {
      throw new Error(`${route.method} ${route.path} has no description`);
    }
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    const methods = paths[path] ?? {};
    paths[path] = methods;
    methods[route.method.toLowerCase()] ??= operationJson(route, operation, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kumulus',
      version,
      description:
        "Kuma's REST API. Reads carry an ETag; writes take If-Match and If-None-Match; POST takes an Idempotency-Key.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, {}],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.all,
      responses: Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          `Refused${status}`,
          {
            description,
            content: { 'application/json': { schema: error }, 'text/plain': { schema: { type: 'string' } } },
          },
        ]),
      ),
      parameters: headerParameters,
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

const headerParameters = {
  IfMatch: header('If-Match', 'Writes only where the resource is the one with this ETag.'),
  IfNoneMatch: header('If-None-Match', '`*` writes only where there is no such resource.'),
  IfNoneMatchRead: header('If-None-Match', 'Answers 304 where the ETag is still this one.'),
  IdempotencyKey: header('Idempotency-Key', 'The same key and body get the same answer for a day.'),
};

function header(name: string, description: string): JsonSchema {
  return { name, in: 'header', description, schema: { type: 'string' } };
}

function operationJson(route: Route, operation: Operation, schemas: Schemas): JsonSchema {
  const { tag, summary, description, query = [], body } = operation;
  const pathNames = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    parameters: [
      ...pathNames.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...query.map((parameter) => ({ ...parameter, in: 'query' })),
      ...headersOf(route, operation).map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: body.optional !== true,
        content: Object.fromEntries(
          (body.mediaTypes ?? [json]).map((type) => [type, { schema: schemas.inline(body.schema) }]),
        ),
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, each]) => [status, answerJson(each, schemas)]),
      ),
      ...Object.fromEntries(
        refusalsOf(route, operation)
          .filter((status) => operation.answers[status] === undefined)
          .map((status) => [status, { $ref: `#/components/responses/Refused${status}` }]),
      ),
    },
  };
}

const json = 'application/json';

function headersOf({ method }: Route, { conditional }: Operation): readonly string[] {
  if (method === 'POST') {
    return ['IdempotencyKey'];
  }
  if (conditional !== true) {
    return [];
  }
  return method === 'GET' ? ['IfNoneMatchRead'] : ['IfMatch', 'IfNoneMatch'];
}

function refusalsOf({ method }: Route, { body, conditional }: Operation): readonly number[] {
  return [
    ...anyStatuses,
    ...(body === undefined ? [] : bodyStatuses),
    ...(conditional === true && method !== 'GET' ? writeStatuses : []),
    ...(method === 'POST' ? postStatuses : []),
  ];
}

function answerJson(
  { description, schema, mediaType, headers }: AnswerDescription,
  schemas: Schemas,
): JsonSchema {
  return {
    description,
    ...(headers !== undefined && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, words]) => [
          name,
          { description: words, schema: { type: 'string' } },
        ]),
      ),
    }),
    ...(schema !== undefined && { content: { [mediaType ?? json]: { schema: schemas.inline(schema) } } }),
  };
}

/** Such as `getMeshesMeshDataplanesName`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return `${method.toLowerCase()}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}
