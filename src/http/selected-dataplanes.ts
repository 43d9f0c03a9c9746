import type { Resource } from '../model/resource.ts';
import { dataplaneType } from '../model/types/dataplane.ts';
import { answer } from './answer.ts';
import { byName } from './collections.ts';
import { nextLink, pageRange, pageRequest } from './pagination.ts';
import { type ApiContext, queryOf } from './routing.ts';

/** What lists of selected things show of each. */
function metaOf({ type, mesh, name, labels }: Resource) {
  return { type, mesh, name, labels };
}

/**
 * Answers with a page of the Dataplanes of a mesh that something selects, as far as the caller may read them, by name;
 * `name` in the address asks for a part of it.
 *
 * @param title what errors say was being done.
 * @throws KumulusError `invalid` or `bad_request` where the page cannot be.
 */
export function answerDataplanes(
  context: ApiContext,
  title: string,
  dataplanes: ReadonlyMap<string, Resource> | undefined,
  selects: (dataplane: Resource) => boolean,
): Response {
  const query = queryOf(context.req.url);
  const page = pageRequest(query, title);
  const part = query.get('name') ?? '';
  const readable = context.get('access').readable(dataplaneType, context.req.param('mesh') ?? '');
  const selected = byName(dataplanes).filter(
    (dataplane) =>
      (readable === 'all' || readable.has(dataplane.name)) &&
      dataplane.name.includes(part) &&
      selects(dataplane),
  );
  const range = pageRange(page, selected.length);
  return answer(context, {
    items: selected.slice(range.start, range.end).map(metaOf),
    ...(range.next !== undefined && { next: nextLink(context.req.url, range.next) }),
    total: selected.length,
  });
}
