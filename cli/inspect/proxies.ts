import * as z from 'zod';
import type { Client } from '../client/client.ts';
import { itemsOf } from '../client/list.ts';
import { age, table } from '../output/table.ts';

const summarySchema = z.looseObject({
  mesh: z.string().exactOptional(),
  name: z.string(),
  status: z.string(),
  services: z.array(z.string()).exactOptional(),
  kumaDp: z.string().exactOptional(),
  envoy: z.string().exactOptional(),
  lastSeen: z.string().exactOptional(),
  refused: z.array(z.string()).exactOptional(),
});

export type ProxySummary = z.output<typeof summarySchema>;

/** The small rows of all proxies of a list of overviews. */
export async function proxySummaries(
  client: Client,
  path: string,
  query: URLSearchParams,
): Promise<readonly ProxySummary[]> {
  const found: ProxySummary[] = [];
  for await (const item of itemsOf(client, path, new URLSearchParams([...query, ['fields', 'summary']]))) {
    found.push(summarySchema.parse(item));
  }
  return found;
}

/** @param now milliseconds since 1970. */
export function proxyTable(proxies: readonly ProxySummary[], now: number): string {
  return table(
    ['MESH', 'NAME', 'STATUS', 'SERVICES', 'KUMA-DP', 'ENVOY', 'LAST SEEN', 'REFUSED'],
    proxies.map(
      ({ mesh = '', name, status, services = [], kumaDp = '', envoy = '', lastSeen, refused = [] }) => [
        mesh,
        name,
        status,
        services.join(','),
        kumaDp,
        envoy,
        age(lastSeen, now),
        refused.join(','),
      ],
    ),
  );
}
