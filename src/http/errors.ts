import { type ErrorCode, isKumulusError, KumulusError } from '../model/errors.ts';
import type { Logger } from '../model/ports.ts';
import type { Violation } from '../model/violations.ts';

/** The header that names one request in its answer and in the log, as asked by the caller or made up here. */
export const requestIdHeader = 'x-request-id';

/** The body of every refused request, as Kuma's `/std-errors` (Kong AIP-193). `details` and `causes` are its older names. */
export interface ErrorBody {
  readonly type: '/std-errors';
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly instance?: string;
  readonly invalid_parameters?: readonly { readonly field: string; readonly reason: string }[];
  readonly details: string;
  readonly causes?: readonly Violation[];
}

const statuses: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  bad_request: { status: 400, title: 'Bad Request' },
  invalid: { status: 400, title: 'Could not process a resource' },
  unauthenticated: { status: 401, title: 'Invalid authentication data' },
  forbidden: { status: 403, title: 'Access Denied' },
  not_found: { status: 404, title: 'Could not retrieve a resource' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  not_acceptable: { status: 406, title: 'Not acceptable' },
  conflict: { status: 409, title: 'Conflict' },
  precondition_failed: { status: 412, title: 'Precondition Failed' },
  gone: { status: 410, title: 'Gone' },
  payload_too_large: { status: 413, title: 'Payload Too Large' },
  unsupported_media_type: { status: 415, title: 'Unsupported Media Type' },
  unprocessable: { status: 422, title: 'Unprocessable Content' },
  too_many_requests: { status: 429, title: 'Too Many Requests' },
  unavailable: { status: 503, title: 'Service unavailable' },
  internal: { status: 500, title: 'Internal Server Error' },
};

/** The codes whose title says what was being done; those of the others say what is wrong. */
const titledCodes: ReadonlySet<ErrorCode> = new Set(['invalid', 'not_found', 'internal']);

/**
 * Runs a step of a request and gives its errors the step's title, such as "Could not delete a resource". Errors that
 * have a title of their own keep it; what is no {@link KumulusError} becomes `internal`, with itself as the cause.
 */
export async function titled<T>(title: string, step: () => Promise<T> | T): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw withTitle(error, title);
  }
}

function withTitle(error: unknown, title: string): KumulusError {
  if (!isKumulusError(error)) {
    return new KumulusError('internal', 'Internal Server Error', { title, cause: error });
  }
  if (error.title !== undefined || !titledCodes.has(error.code)) {
    return error;
  }
  return new KumulusError(error.code, error.message, {
    title,
    violations: error.violations,
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
    cause: error.cause,
  });
}

/** The answer to "there is no such thing", in the reference's two words. */
export function notFound(title: string): KumulusError {
  return new KumulusError('not_found', 'Not found', { title });
}

/** The body for something that was caught. What it was underneath stays with the caller of this function. */
export function errorBody(error: unknown, requestId?: string): ErrorBody {
  const known = isKumulusError(error) ? error : undefined;
  const code = known?.code ?? 'internal';
  const detail = known === undefined || code === 'internal' ? 'Internal Server Error' : known.message;
  const violations = known?.violations ?? [];
  return {
    type: '/std-errors',
    status: statuses[code].status,
    title: known?.title ?? statuses[code].title,
    detail,
    ...(requestId !== undefined && code === 'internal' && { instance: requestId }),
    ...(violations.length > 0 && {
      invalid_parameters: violations.map(({ field, message }) => ({ field, reason: message })),
    }),
    details: detail,
    ...(violations.length > 0 && { causes: violations }),
  };
}

/**
 * The one way from an error to an answer. What is nobody's fault but ours goes to the log, and only there.
 *
 * @param allow the methods that the path has, for 405 (RFC 9110, section 10.2.1).
 */
export function errorResponse(
  error: unknown,
  logger: Logger,
  requestId: string,
  allow: readonly string[] = [],
): Response {
  const body = errorBody(error, requestId);
  if (body.status === 500) {
    const cause = isKumulusError(error) ? (error.cause ?? error) : error;
    logger.error('a request failed', {
      requestId,
      title: body.title,
      error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    });
  }
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    [requestIdHeader]: requestId,
  };
  const retryAfterSeconds = retryAfterOf(error, body.status);
  if (retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(Math.ceil(retryAfterSeconds));
  }
  if (body.status === 405 && allow.length > 0) {
    headers.allow = allow.join(', ');
  }
  return new Response(JSON.stringify(body), { status: body.status, headers });
}

/** When to come again; whoever was turned away only because of the moment is always told. */
function retryAfterOf(error: unknown, status: number): number | undefined {
  const told = isKumulusError(error) ? error.retryAfterSeconds : undefined;
  return told ?? (status === 429 || status === 503 ? 1 : undefined);
}

const plainTexts = {
  404: '404: Page Not Found',
  405: '405: Method Not Allowed',
  406: '406: Not Acceptable\n\nAvailable representations: application/json',
  415: '415: Unsupported Media Type',
} as const;

/**
 * What never reached a resource is answered in plain text, as the reference does.
 *
 * @param allow the methods that the path has, for 405 (RFC 9110, section 10.2.1).
 */
export function routingError(
  status: keyof typeof plainTexts,
  requestId: string,
  allow: readonly string[] = [],
): Response {
  return new Response(plainTexts[status], {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      [requestIdHeader]: requestId,
      ...(allow.length > 0 && { allow: allow.join(', ') }),
    },
  });
}
