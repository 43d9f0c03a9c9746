import * as z from 'zod';
import type { Client } from './client.ts';

/** Any resource or overview, as the API answers with it. */
export const resourceSchema = z.looseObject({
  type: z.string(),
  mesh: z.string().exactOptional(),
  name: z.string(),
  creationTime: z.string().exactOptional(),
  modificationTime: z.string().exactOptional(),
  labels: z.record(z.string(), z.string()).exactOptional(),
});

export type ListedResource = z.output<typeof resourceSchema>;

const pageSchema = z.looseObject({
  items: z
    .array(z.unknown())
    .nullish()
    .transform((items) => items ?? []),
  next: z.string().nullish(),
});

/** Items of one page; the largest that the API gives. */
const pageSize = 1_000;

/** All items of a list, page by page. */
export async function* itemsOf(
  client: Client,
  path: string,
  query: URLSearchParams,
): AsyncGenerator<unknown> {
  const page = new URLSearchParams(query);
  page.set('size', String(pageSize));
  for (;;) {
    const { items, next } = pageSchema.parse(await client.get(`${path}?${page}`));
    yield* items;
    const offset = next === null || next === undefined ? null : new URL(next).searchParams.get('offset');
    if (offset === null) {
      return;
    }
    page.set('offset', offset);
  }
}

/** All resources of a list. */
export async function listResources(
  client: Client,
  path: string,
  query: URLSearchParams = new URLSearchParams(),
): Promise<readonly ListedResource[]> {
  const found: ListedResource[] = [];
  for await (const item of itemsOf(client, path, query)) {
    found.push(resourceSchema.parse(item));
  }
  return found;
}
