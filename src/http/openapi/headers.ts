import { requestIdHeader } from '../errors.ts';
import type { JsonSchema } from './operation.ts';

/** Entity tags (RFC 9110, section 8.8.3), or any. */
const entityTags = '^(\\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$';
/** A text of ASCII, with quotes (RFC 9651, section 3.3.3) or without. */
const idempotencyKey = '^([!#-~][ !#-~]{0,254}|"[ !#-\\[\\]-~]{1,255}")$';

/** Headers of requests, by the names that the document gives them. */
export const headerParameters = {
  IfMatch: header('If-Match', 'Writes only where the resource is the one with this ETag.', entityTags),
  IfNoneMatch: header('If-None-Match', '`*` writes only where there is no such resource.', entityTags),
  IfNoneMatchRead: header('If-None-Match', 'Answers 304 where the ETag is still this one.'),
  IdempotencyKey: header(
    'Idempotency-Key',
    'The same key and body get the same answer for a day.',
    idempotencyKey,
  ),
};

function header(name: string, description: string, pattern?: string): JsonSchema {
  return {
    name,
    in: 'header',
    description,
    schema: { type: 'string', ...(pattern !== undefined && { pattern }) },
  };
}

/** Headers of answers, by their own names. */
export const answerHeaders = {
  [requestIdHeader]: {
    description: 'Names the request in the log of the control plane; the one that the caller gave, if any.',
    required: true,
    schema: { type: 'string' },
  },
  ETag: {
    description: 'The version; for If-Match and If-None-Match.',
    required: true,
    schema: { type: 'string', pattern: '^"[!#-~]+"$' },
  },
  'Kumulus-Revision': {
    description:
      'The revision of the mesh that the write made, for _propagation; absent where nothing was written.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  Allow: { description: 'The methods that the path has.', schema: { type: 'string' } },
  'Retry-After': {
    description: 'Seconds.',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
} as const;

export type AnswerHeader = keyof typeof answerHeaders;

/** References to the headers of an answer, the request's id being one of each. */
export function headersJson(names: readonly AnswerHeader[]): JsonSchema {
  return Object.fromEntries(
    [requestIdHeader, ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}
