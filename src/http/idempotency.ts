import { createHash } from 'node:crypto';
import { isAnonymous } from '../auth/user.ts';
import { KumulusError } from '../model/errors.ts';
import type { Logger } from '../model/ports.ts';
import type {
  IdempotencyClaim,
  IdempotencyKey,
  IdempotencyKeys,
  StoredAnswer,
} from '../store/idempotency-keys.ts';
import { readBody } from './body.ts';
import { requestIdHeader } from './errors.ts';
import type { ApiContext, Handler, Route } from './routing.ts';

/** The header of draft-ietf-httpapi-idempotency-key-header. */
const header = 'idempotency-key';
/** Tells that an answer was given before. */
const replayedHeader = 'idempotency-replayed';

/** A structured string (RFC 9651, section 3.3.3), as the draft has it, or the same without quotes, as most clients send it. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"$/;
const plain = /^[\x21\x23-\x7e][\x20\x21\x23-\x7e]*$/;
const maxKeyLength = 255;

/** Headers of an answer that are made anew each time it is given. */
const ownHeaders: ReadonlySet<string> = new Set([requestIdHeader, 'date', 'content-length']);

/**
 * Makes routes that create something safe to be sent twice: a `POST` with an `Idempotency-Key` that was seen before, of
 * the same user and within a day, is answered as it was then, and nothing is done.
 *
 * Answers are kept where something was done (2xx). What was refused has changed nothing, so it may be tried again, with
 * the same key, when the reason for the refusal is gone.
 */
export function withIdempotency(
  routes: readonly Route[],
  keys: IdempotencyKeys,
  logger: Logger,
  callerOf: CallerOf = userOfTenant,
): readonly Route[] {
  return routes.map((route) =>
    route.method === 'POST' ? { ...route, handle: idempotent(route.handle, keys, logger, callerOf) } : route,
  );
}

/** Whose keys a request's are; undefined where it is nobody's. */
export type CallerOf = (context: ApiContext) => Omit<IdempotencyKey, 'text'> | undefined;

/**
 * Those who do not say who they are cannot be told apart, and may do nothing that would have to be kept. Others are told
 * by their groups too, which say what they may do: an answer, which may be a token, is for those alone who got it.
 */
function userOfTenant(context: ApiContext): ReturnType<CallerOf> {
  const user = context.get('user');
  const { name, groups } = user;
  return isAnonymous(user)
    ? undefined
    : { owner: context.get('tenant'), user: JSON.stringify([name, groups.toSorted()]) };
}

function idempotent(handle: Handler, keys: IdempotencyKeys, logger: Logger, callerOf: CallerOf): Handler {
  return async (context) => {
    const text = keyOf(context);
    const caller = callerOf(context);
    if (text === undefined || caller === undefined) {
      return handle(context);
    }
    const body = await readBody(context.req.raw);
    const { url, method, headers, signal } = context.req.raw;
    const outcome = await keys.begin({ ...caller, text }, fingerprintOf(context, body));
    switch (outcome.kind) {
      case 'done':
        return replayed(context, outcome.answer);
      case 'other-request':
        throw new KumulusError('unprocessable', 'Idempotency-Key was used for another request');
      case 'running':
        throw new KumulusError('conflict', 'a request with this Idempotency-Key is being answered', {
          retryAfterSeconds: outcome.retryAfterSeconds,
        });
      case 'new':
        // The body has been read, so the handler gets a request with the same one.
        context.req.raw = new Request(url, { method, headers, body, signal });
        return run(context, handle, outcome.claim, logger);
    }
  };
}

async function run(
  context: ApiContext,
  handle: Handler,
  claim: IdempotencyClaim,
  logger: Logger,
): Promise<Response> {
  let response: Response;
  try {
    response = await handle(context);
  } catch (error) {
    await unlessLost(claim.release(), logger);
    throw error;
  }
  if (response.ok) {
    await unlessLost(claim.complete(await stored(response.clone())), logger);
  } else {
    await unlessLost(claim.release(), logger);
  }
  return response;
}

/** What was done is done: the caller gets the answer, whether it could be kept or not. */
async function unlessLost(step: Promise<void>, logger: Logger): Promise<void> {
  try {
    await step;
  } catch (error) {
    logger.warn('an answer could not be kept for its idempotency key', { error });
  }
}

async function stored(response: Response): Promise<StoredAnswer> {
  return {
    status: response.status,
    headers: [...response.headers].filter(([name]) => !ownHeaders.has(name)),
    body: await response.text(),
  };
}

function replayed(context: ApiContext, { status, headers, body }: StoredAnswer): Response {
  const response = new Response(body === '' ? null : body, { status });
  for (const [name, value] of headers) {
    response.headers.set(name, value);
  }
  response.headers.set(requestIdHeader, context.get('requestId'));
  response.headers.set(replayedHeader, 'true');
  return response;
}

/** @throws KumulusError `bad_request` for a key that is none. */
function keyOf(context: ApiContext): string | undefined {
  const value = context.req.header(header);
  if (value === undefined) {
    return undefined;
  }
  const inner = quoted.exec(value)?.[1]?.replace(/\\(["\\])/g, '$1');
  const key = inner ?? (plain.test(value) ? value : undefined);
  if (key === undefined || key.length > maxKeyLength) {
    throw new KumulusError(
      'bad_request',
      `bad request: Idempotency-Key must be 1 to ${maxKeyLength} characters of ASCII, such as a UUID`,
    );
  }
  return key;
}

/** Tells requests apart: by what is asked for and with which body. */
function fingerprintOf(context: ApiContext, body: string): string {
  const { pathname, search } = new URL(context.req.url);
  const type = context.req.header('content-type') ?? '';
  return createHash('sha256')
    .update(JSON.stringify([context.req.method, pathname, search, type]))
    .update(body)
    .digest('base64url');
}
