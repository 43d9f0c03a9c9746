import type { Resource } from '../model/resource.ts';
import type { TenantId } from '../model/tenant.ts';
import { answerJson } from './answer.ts';
import type { Collection } from './collections.ts';
import { notFound, titled } from './errors.ts';
import { both, commonFilter, type Filter } from './filters.ts';
import { listJson, type PageCache } from './page-cache.ts';
import { nextLink, pageRange, pageRequest } from './pagination.ts';
import { resourceJson } from './rendering.ts';
import { type ApiContext, queryOf, type Route } from './routing.ts';

export interface ListDeps {
  readonly pages: PageCache;
  meshNames(tenant: TenantId): Promise<readonly string[]>;
}

/** What lists of one kind of item have of their own. */
export interface ListKind {
  readonly collection: Collection;
  /** Filters beside those that every list has. `route` is the route's template. */
  filter?(query: URLSearchParams, route: string): Filter | undefined;
  /** Gets ready to show items of these meshes: the JSON of one item, and a filter that only this kind can have. */
  prepare?(
    tenant: TenantId,
    meshes: readonly string[],
    query: URLSearchParams,
    route: string,
  ): Promise<PreparedList>;
}

export interface PreparedList {
  readonly filter: Filter | undefined;
  json(resource: Resource): string;
}

const listTitle = 'Could not retrieve resources';

/** A path of Hono's as the reference's templates, which its messages name. */
function template(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

/** The meshes that a request is about; the empty name is the scope of global resources. */
async function meshesOf(context: ApiContext, kind: ListKind, deps: ListDeps): Promise<readonly string[]> {
  const mesh = context.req.param('mesh');
  if (mesh !== undefined) {
    return [mesh];
  }
  return kind.collection.type.scope === 'Global' ? [''] : deps.meshNames(context.get('tenant'));
}

/** What the user may read of the lists of these meshes. */
async function itemsOf(context: ApiContext, { collection }: ListKind, meshes: readonly string[]) {
  const access = context.get('access');
  const lists = await Promise.all(
    meshes.map(async (mesh) => {
      const readable = access.readable(collection.type, mesh);
      if (readable !== 'all' && readable.size === 0) {
        return undefined;
      }
      const list = await collection.list(context.get('tenant'), mesh);
      return readable === 'all' ? list : list?.filter(({ name }) => readable.has(name));
    }),
  );
  if (context.req.param('mesh') !== undefined && lists[0] === undefined) {
    throw notFound('Failed to retrieve Mesh');
  }
  return lists.length === 1 ? (lists[0] ?? []) : lists.flatMap((list) => list ?? []);
}

/** `GET` of a list: filtered, cut into pages, by mesh and name. */
export function listRoute(path: string, kind: ListKind, deps: ListDeps): Route {
  const route = template(path);
  const { type } = kind.collection;
  return {
    method: 'GET',
    path,
    async handle(context) {
      const tenant = context.get('tenant');
      const query = queryOf(context.req.url);
      const page = pageRequest(query);
      const filter = both(commonFilter(query, route), kind.filter?.(query, route));
      context.get('access').read(type, context.req.param('mesh'));
      return titled(listTitle, async () => {
        const meshes = await meshesOf(context, kind, deps);
        const [all, prepared] = await Promise.all([
          itemsOf(context, kind, meshes),
          kind.prepare?.(tenant, meshes, query, route),
        ]);
        const wanted = both(filter, prepared?.filter);
        const items = wanted === undefined ? all : all.filter(wanted);
        const range = pageRange(page, items.length);
        const next = range.next === undefined ? null : nextLink(context.req.url, range.next);
        const json = prepared?.json ?? ((resource: Resource) => resourceJson(type, resource));
        const fragments = items.slice(range.start, range.end).map(json);
        return answerJson(
          context,
          type.secret
            ? listJson(items.length, fragments, next)
            : deps.pages.encode(`${tenant} ${context.req.url}`, items.length, fragments, next),
        );
      });
    },
  };
}
