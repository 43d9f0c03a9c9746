import type { Resource } from '../model/resource.ts';
import { contentTag, matchesWeakly, parseEntityTags } from './entity-tags.ts';
import { requestIdHeader } from './errors.ts';
import type { ApiContext } from './routing.ts';

/**
 * An answer whose body is JSON already, as text or as UTF-8. What is read carries an entity tag, a hash of the body
 * where the headers have none, and is not sent to who holds it already.
 */
export function answerJson(
  context: ApiContext,
  body: string | Uint8Array<ArrayBuffer>,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const tag = headers.etag ?? (status === 200 && isRead(context) ? contentTag(body) : undefined);
  if (tag !== undefined && isHeld(context, tag)) {
    return notModified(context, tag);
  }
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/json',
      [requestIdHeader]: context.get('requestId'),
      ...(tag !== undefined && { etag: tag }),
      ...headers,
    },
  });
}

function isRead(context: ApiContext): boolean {
  return context.req.method === 'GET' || context.req.method === 'HEAD';
}

/** Whether the caller holds this version already (RFC 9110, section 13.1.2). A header that cannot be read counts for nothing. */
export function isHeld(context: ApiContext, tag: string): boolean {
  const header = isRead(context) ? context.req.header('if-none-match') : undefined;
  const tags = header === undefined ? undefined : parseEntityTags(header);
  return tags !== undefined && matchesWeakly(tags, tag);
}

export function notModified(context: ApiContext, tag: string): Response {
  return new Response(null, {
    status: 304,
    headers: { etag: tag, [requestIdHeader]: context.get('requestId') },
  });
}

/** An answer from a value. */
export function answer(context: ApiContext, value: unknown, status = 200): Response {
  return answerJson(context, JSON.stringify(value), status);
}

/**
 * The entity tag of a resource (RFC 9110, section 8.8.3): its version, and when it was made, as the versions of one that
 * is deleted and made anew start over.
 */
export function entityTag({ version, creationTime }: Pick<Resource, 'version' | 'creationTime'>): string {
  return `"${version}-${Date.parse(creationTime).toString(36)}"`;
}
