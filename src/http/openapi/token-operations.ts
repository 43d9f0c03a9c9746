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

/** Go's durations, as far as they make sense here. */
const duration = '([1-9][0-9]{0,5}(h|m|s|ms))+';

/** How long something is to be valid. */
export const validitySchema: JsonSchema = { type: 'string', pattern: `^${duration}$` };

/**
 * The body as it should be. The schemas that bodies are read by let more pass, as Go does, so that what is missing is
 * told like what is empty.
 */
function bodySchema(kind: keyof typeof required, schemas: Schemas): JsonSchema {
  const schema = schemas.inline(tokenRequestSchemas[kind]);
  const needed: readonly string[] = required[kind];
  const members = Object.entries(Object(schema.properties)).map(([name, member]) => {
    const isNeeded = needed.includes(name);
    const told = isNeeded ? withoutNull(Object(member)) : Object(member);
    const validity = isNeeded ? validitySchema : { pattern: `^(${duration})?$` };
    return [
      name,
      {
        ...told,
        ...(name === 'validFor' && validity),
        ...(name === 'type' && { enum: ['', 'dataplane', 'ingress', 'egress', null] }),
        ...(isNeeded && told.type === 'string' && { minLength: 1 }),
      },
    ];
  });
  return { ...schema, required: needed, properties: Object.fromEntries(members) };
}

/** Go takes a null for an absent member, which nobody should send. */
function withoutNull({ type, anyOf, ...schema }: JsonSchema): JsonSchema {
  const types: readonly unknown[] = Array.isArray(type) ? type.filter((each) => each !== 'null') : [type];
  const [first] = Array.isArray(anyOf) ? anyOf : [];
  return { ...schema, ...(types[0] !== undefined && { type: types[0] }), ...Object(first) };
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
        body: { schema: bodySchema(kind, schemas) },
        answers: {
          200: { description: 'The token, a JWT.', schema: text, mediaType: 'text/plain' },
        },
      };
    }
  }
  return undefined;
}
