import type { ResourceType } from '../../model/resource-type.ts';
import type { Route } from '../routing.ts';
import {
  anyStatuses,
  bodyStatuses,
  errorSchema,
  postStatuses,
  refusalHeaders,
  refusals,
  writeStatuses,
} from './common-answers.ts';
import { answerHeaders, headerParameters, headersJson } from './headers.ts';
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
            headers: headersJson(refusalHeaders[Number(status)] ?? []),
            content: { [json]: { schema: error }, 'text/plain': { schema: { type: 'string' } } },
          },
        ]),
      ),
      headers: answerHeaders,
      parameters: headerParameters,
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operationJson(route: Route, operation: Operation, schemas: Schemas): JsonSchema {
  const { tag, summary, description, query = [], path = {}, body } = operation;
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    parameters: [
      ...pathNames(route.path).map((name) => ({
        name,
        in: 'path',
        required: true,
        schema: path[name] ?? { type: 'string', minLength: 1 },
      })),
      ...query.map((parameter) => ({ ...parameter, in: 'query' })),
      ...parametersOf(route, operation).map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: body.optional !== true,
        content: Object.fromEntries(
          Object.entries({ [json]: body.schema, ...body.other }).map(([type, schema]) => [
            type,
            {
              schema: schemas.inline(schema),
              ...(type === json && body.example !== undefined && { example: body.example }),
            },
          ]),
        ),
      },
    }),
    responses: answersJson(route, operation, schemas),
  };
}

const json = 'application/json';

function parametersOf({ method }: Route, { conditional, answers }: Operation): readonly string[] {
  if (method === 'GET') {
    return isTagged(answers) ? ['IfNoneMatchRead'] : [];
  }
  return [
    ...(method === 'POST' ? ['IdempotencyKey'] : []),
    ...(conditional === true ? ['IfMatch', 'IfNoneMatch'] : []),
  ];
}

/** Whatever is read as JSON has an entity tag. */
function isTagged(answers: Operation['answers']): boolean {
  return answers[200] !== undefined && answers[200].mediaType === undefined;
}

function refusalsOf(
  { method }: Route,
  { body, conditional, refusals: own = [] }: Operation,
): readonly number[] {
  return [
    ...anyStatuses,
    ...own,
    ...(body === undefined ? [] : bodyStatuses),
    ...(conditional === true ? writeStatuses : []),
    ...(method === 'POST' ? postStatuses : []),
  ];
}

function answersJson(route: Route, operation: Operation, schemas: Schemas): JsonSchema {
  const { answers } = operation;
  const isRead = route.method === 'GET' && isTagged(answers);
  const links = route.method === 'PUT' ? { links: linksJson(route) } : {};
  const given = Object.entries(answers).map(([status, each]) => [
    status,
    { ...answerJson(isRead && status === '200' ? { ...each, tagged: true } : each, schemas), ...links },
  ]);
  const unchanged = { description: 'It is still the one that the caller has.', tagged: true };
  const refused = refusalsOf(route, operation)
    .filter((status) => answers[status] === undefined)
    .map((status) => [status, { $ref: `#/components/responses/Refused${status}` }]);
  return Object.fromEntries([
    ...given,
    ...(isRead ? [[304, answerJson(unchanged, schemas)]] : []),
    ...refused,
  ]);
}

function answerJson(
  { description, schema, mediaType, tagged, revised }: AnswerDescription,
  schemas: Schemas,
): JsonSchema {
  return {
    description,
    headers: headersJson([
      ...(tagged === true ? (['ETag'] as const) : []),
      ...(revised === true ? (['Kumulus-Revision'] as const) : []),
    ]),
    ...(schema !== undefined && { content: { [mediaType ?? json]: { schema: schemas.inline(schema) } } }),
  };
}

/** What can be done next with something that was written. */
function linksJson({ path }: Route): JsonSchema {
  const parameters = Object.fromEntries(pathNames(path).map((name) => [name, `$request.path.${name}`]));
  return {
    read: { operationId: operationId({ method: 'GET', path }), parameters },
    delete: { operationId: operationId({ method: 'DELETE', path }), parameters },
  };
}

function pathNames(path: string): readonly string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');
}

/** Such as `getMeshesMeshDataplanesName`. */
function operationId({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return `${method.toLowerCase()}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}
