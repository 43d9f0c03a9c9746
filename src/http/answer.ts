import type { Resource } from '../model/resource.ts';
import { requestIdHeader } from './errors.ts';
import type { ApiContext } from './routing.ts';

/** An answer whose body is JSON already, as text or as UTF-8. */
export function answerJson(
  context: ApiContext,
  body: string | Uint8Array<ArrayBuffer>,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/json', [requestIdHeader]: context.get('requestId'), ...headers },
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
