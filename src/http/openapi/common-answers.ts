import type { AnswerHeader } from './headers.ts';
import type { JsonSchema } from './operation.ts';

const text: JsonSchema = { type: 'string' };

/** Kuma's body of refusals, `/std-errors`. */
export const errorSchema: JsonSchema = {
  type: 'object',
  required: ['type', 'status', 'title', 'detail'],
  properties: {
    type: { const: '/std-errors' },
    status: { type: 'integer' },
    title: text,
    detail: text,
    instance: { ...text, description: 'Names the request in the log of the control plane.' },
    invalid_parameters: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'reason'],
        properties: { field: text, reason: text },
      },
    },
    details: { ...text, description: 'An older name of detail.' },
    causes: {
      type: 'array',
      description: 'An older name of invalid_parameters.',
      items: { type: 'object', properties: { field: text, message: text } },
    },
  },
};

/** What refusals mean, by status. Each may come in JSON, those of the router in plain text. */
export const refusals: Readonly<Record<number, string>> = {
  400: 'The request breaks a rule; invalid_parameters says which.',
  401: 'The token is missing, wrong, revoked or out of date.',
  403: 'The caller may not do this.',
  404: 'There is no such thing.',
  405: 'The path has other methods; those that write nothing are named by Allow.',
  406: 'The answer has no media type that the caller takes.',
  409: 'Somebody else does the same at the same time.',
  410: 'What was asked for is gone from the log.',
  412: 'The condition of the request does not hold.',
  413: 'The body, or what is written at once, is too large; the message says what the limit is.',
  415: 'The body has another media type than the endpoint takes.',
  422: 'The Idempotency-Key was used for another request.',
  429: 'A quota is used up; Retry-After says when to come again.',
  500: 'Something failed that is not the fault of the caller.',
  503: 'Too much at once; Retry-After says when to come again.',
};

/** Headers that some of them have. */
export const refusalHeaders: Readonly<Record<number, readonly AnswerHeader[]>> = {
  405: ['Allow'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** The statuses that any endpoint may answer with. */
export const anyStatuses: readonly number[] = [400, 401, 403, 404, 405, 406, 415, 429, 500, 503];
/** Those of endpoints that read a body. */
export const bodyStatuses: readonly number[] = [413];
/** Those of endpoints that write. */
export const writeStatuses: readonly number[] = [409, 412];
/** Those of `POST`, which takes an Idempotency-Key. */
export const postStatuses: readonly number[] = [409, 422];
