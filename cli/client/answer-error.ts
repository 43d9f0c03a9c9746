import * as z from 'zod';
import { type ErrorCode, KumulusError } from '../../src/model/errors.ts';

/** The body of a refusal, as the API writes it. */
const errorSchema = z.object({
  title: z.string(),
  detail: z.string().default(''),
  invalid_parameters: z.array(z.object({ field: z.string(), reason: z.string() })).default([]),
});

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  412: 'precondition_failed',
  413: 'payload_too_large',
  503: 'unavailable',
};

/** What a person can do about it. */
const hints: Readonly<Record<number, string>> = {
  401: 'the token is missing, wrong or out of date; see `kumulus config control-planes add --token`',
  403: 'the token may not do this',
  429: 'too many requests; a quota of the tenant is used up',
};

/** Turns an answer that is no success into an error that a person understands. */
export function answerError(method: string, path: string, status: number, text: string): KumulusError {
  const code = codes[status] ?? (status >= 500 ? 'internal' : 'bad_request');
  const parsed = errorSchema.safeParse(jsonOrUndefined(text));
  const hint = hints[status];
  const suffix = hint === undefined ? '' : ` (${hint})`;
  if (!parsed.success) {
    const words = text.trim().slice(0, 200) || `HTTP status ${status}`;
    return new KumulusError(code, `${method} ${path}: ${words}${suffix}`);
  }
  const { title, detail, invalid_parameters: parameters } = parsed.data;
  const lines = parameters.map(({ field, reason }) => `\n  ${field === '' ? '' : `${field}: `}${reason}`);
  return new KumulusError(code, `${title}${detail === '' ? '' : `: ${detail}`}${suffix}${lines.join('')}`);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
