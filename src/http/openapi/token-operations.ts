import { tokenRequestSchemas } from '../../tokens/requests.ts';
import type { Route } from '../routing.ts';
import { text } from './fields.ts';
import type { JsonSchema, Operation } from './operation.ts';
import type { Schemas } from './schemas.ts';

const summaries = {
  dataplane: 'A token for data plane proxies',
  zone: 'A token for zone proxies',
  user: 'A token for a user',
} as const;

/** Members that a body must have, and not empty. */
const required = { dataplane: ['mesh'], zone: ['scope'], user: ['name', 'validFor'] } as const;

/** Kuma tells of a member that is missing as it tells of one that is empty, so that the schemas that are read by let both pass. */
function bodySchema(kind: keyof typeof required, schemas: Schemas): JsonSchema {
  const schema = schemas.inline(tokenRequestSchemas[kind]);
  const properties: Readonly<Record<string, JsonSchema>> = Object(schema.properties);
  const needed = required[kind].map((name) => [name, requiredMember(properties[name])] as const);
  return {
    ...schema,
    required: required[kind],
    properties: { ...properties, validFor: validity, ...Object.fromEntries(needed) },
  };
}

/** Go's durations, as far as they make sense. */
const validity: JsonSchema = {
  type: 'string',
  pattern: '^([1-9][0-9]{0,5}(h|m|s|ms))+$',
  description: 'How long it is valid, such as 720h; ten years unless told.',
};

function requiredMember(schema: JsonSchema | undefined): JsonSchema {
  const [first] = Array.isArray(schema?.anyOf) ? schema.anyOf : [schema];
  return { ...Object(first), ...(Object(first).type === 'string' && { minLength: 1 }) };
}

/** What is said of `POST /tokens/…`. */
export function tokenOperation(
  { method, path }: Pick<Route, 'method' | 'path'>,
  schemas: Schemas,
): Operation | undefined {
  for (const kind of ['dataplane', 'zone', 'user'] as const) {
    if (method === 'POST' && path === `/tokens/${kind}`) {
      return {
        tag: 'tokens',
        summary: summaries[kind],
        description: 'A body of another shape gets a 400 without a body, as in Kuma.',
        body: { schema: bodySchema(kind, schemas) },
        answers: {
          200: { description: 'The token, a JWT.', schema: text, mediaType: 'text/plain' },
        },
      };
    }
  }
  return undefined;
}
