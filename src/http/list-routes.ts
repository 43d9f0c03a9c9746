import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { TenantId } from '../model/tenant.ts';
import { answerJson } from './answer.ts';
import type { Collection } from './collections.ts';
import { notFound, titled } from './errors.ts';
import { both, commonFilter, type Filter, nameFilter } from './filters.ts';
import { listJson, type PageCache } from './page-cache.ts';
import { nextLink, type PageRequest, pageRange, pageRequest } from './pagination.ts';
import { resourceJson } from './rendering.ts';
import { type ApiContext, queryOf, type Route } from './routing.ts';

export interface ListDeps {
  readonly pages: PageCache;
  meshNames(tenant: TenantId): Promise<readonly string[]>;
}

/** What a query asks of one kind of lists, beside what it can ask of all. */
export interface ListView<Item> {
  readonly filter?: Filter<Item> | undefined;
  /** Another order than that of meshes and names. */
  readonly sort?: ((items: readonly Item[]) => readonly Item[]) | undefined;
  /** Of the items of the page alone, what it takes effort to have of them. */
  readonly complete?: (tenant: TenantId, items: readonly Item[]) => Promise<readonly Item[]>;
  /** The JSON of one item; that of its resource unless told. */
  readonly json?: ((item: Item) => string) | undefined;
}

/** Lists of one kind of items. */
export interface ListKind<Item> {
  readonly type: ResourceType;
  /** All of a mesh (of the tenant, for global types) by name, or undefined where there is no such mesh. */
  list(tenant: TenantId, mesh: string): Promise<readonly Item[] | undefined>;
  resourceOf(item: Item): Resource;
  /**
   * Understands the query.
   *
   * @param route the route's template, which messages name.
   * @throws KumulusError `invalid` or `bad_request`
   */
  view?(query: URLSearchParams, route: string): ListView<Item>;
  /** As an older endpoint of the reference: it knows no filters of labels, and looks at pages last. */
  readonly isOlder?: boolean;
}

/** Lists of the resources of a collection. */
export function resourceList(
  { type, list }: Collection,
  view?: ListKind<Resource>['view'],
): ListKind<Resource> {
  return { type, list, resourceOf: (resource) => resource, ...(view !== undefined && { view }) };
}

const listTitle = 'Could not retrieve resources';

/** A path of Hono's as the reference's templates, which its messages name. */
function template(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

/** What a query asks for; what is looked at first is refused first, as in the reference. */
function readQuery<Item>(
  kind: ListKind<Item>,
  query: URLSearchParams,
  route: string,
): { readonly page: PageRequest; readonly common: Filter | undefined; readonly view: ListView<Item> } {
  if (kind.isOlder === true) {
    const view = kind.view?.(query, route) ?? {};
    return { page: pageRequest(query, 'Could not paginate resources'), common: nameFilter(query), view };
  }
  const page = pageRequest(query);
  const common = commonFilter(query, route);
  return { page, common, view: kind.view?.(query, route) ?? {} };
}

/** The meshes that a request is about; the empty name is the scope of global resources. */
async function meshesOf(context: ApiContext, type: ResourceType, deps: ListDeps): Promise<readonly string[]> {
  const mesh = context.req.param('mesh');
  if (mesh !== undefined) {
    return [mesh];
  }
  return type.scope === 'Global' ? [''] : deps.meshNames(context.get('tenant'));
}

/** What the user may read of the lists of these meshes. */
async function itemsOf<Item>(
  context: ApiContext,
  { type, list, resourceOf }: ListKind<Item>,
  meshes: readonly string[],
): Promise<readonly Item[]> {
  const access = context.get('access');
  const lists = await Promise.all(
    meshes.map(async (mesh) => {
      const readable = access.readable(type, mesh);
      if (readable !== 'all' && readable.size === 0) {
        return undefined;
      }
      const items = await list(context.get('tenant'), mesh);
      return readable === 'all' ? items : items?.filter((item) => readable.has(resourceOf(item).name));
    }),
  );
  if (context.req.param('mesh') !== undefined && lists[0] === undefined) {
    throw notFound('Failed to retrieve Mesh');
  }
  return lists.length === 1 ? (lists[0] ?? []) : lists.flatMap((items) => items ?? []);
}

/** `GET` of a list: filtered, ordered, cut into pages. */
export function listRoute<Item>(path: string, kind: ListKind<Item>, deps: ListDeps): Route {
  const route = template(path);
  const { type, resourceOf } = kind;
  return {
    method: 'GET',
    path,
    async handle(context) {
      const tenant = context.get('tenant');
      const query = queryOf(context.req.url);
      const { page, common, view } = readQuery(kind, query, route);
      context.get('access').read(type, context.req.param('mesh'));
      return titled(listTitle, async () => {
        const all = await itemsOf(context, kind, await meshesOf(context, type, deps));
        const wanted = both(common && ((item: Item) => common(resourceOf(item))), view.filter);
        const found = wanted === undefined ? all : all.filter(wanted);
        const items = view.sort?.(found) ?? found;
        const range = pageRange(page, items.length);
        const next = range.next === undefined ? null : nextLink(context.req.url, range.next);
        const json = view.json ?? ((item: Item) => resourceJson(type, resourceOf(item)));
        const shown = items.slice(range.start, range.end);
        const fragments = ((await view.complete?.(tenant, shown)) ?? shown).map(json);
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
