import type { Item, ItemStore, Owner, Query } from './port.ts';

/** All pages of a query, one after the other; empty ones are left out. */
export async function* pagesOf(
  items: ItemStore,
  owner: Owner,
  query: Query,
): AsyncGenerator<readonly Item[], void, void> {
  let next: Query | undefined = query;
  while (next !== undefined) {
    const page = await items.query(owner, next);
    if (page.items.length > 0) {
      yield page.items;
    }
    next = page.next === undefined ? undefined : { ...query, after: page.next };
  }
}
