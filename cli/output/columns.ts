import * as z from 'zod';
import { resourceType } from '../../src/policies/registry.ts';
import type { ListedResource } from '../client/list.ts';
import { age } from './table.ts';

export interface Column {
  readonly title: string;
  /** @param now milliseconds since 1970. */
  readonly cell: (resource: ListedResource, now: number) => string;
}

const mesh: Column = { title: 'MESH', cell: (resource) => resource.mesh ?? '' };
const name: Column = { title: 'NAME', cell: (resource) => resource.name };
const created: Column = { title: 'AGE', cell: ({ creationTime }, now) => age(creationTime, now) };

const tags = z.record(z.string(), z.string()).catch({});
const networkingSchema = z
  .object({
    networking: z.object({
      address: z.string().catch(''),
      inbound: z.array(z.object({ tags })).catch([]),
      gateway: z.object({ tags }).optional().catch(undefined),
    }),
  })
  .catch({ networking: { address: '', inbound: [], gateway: undefined } });

/** All tags of a proxy, `name=value`, sorted. */
export function tagsOf(dataplane: unknown): string {
  const { inbound, gateway } = networkingSchema.parse(dataplane).networking;
  const all = [...inbound.map((each) => each.tags), gateway?.tags ?? {}].flatMap((each) =>
    Object.entries(each),
  );
  return [...new Set(all.map(([tag, value]) => `${tag}=${value}`))].sort().join(' ');
}

const meshSchema = z
  .object({ mtls: z.object({ enabledBackend: z.string() }) })
  .catch({ mtls: { enabledBackend: '' } });

const special: Readonly<Record<string, readonly Column[]>> = {
  Mesh: [{ title: 'mTLS', cell: (resource) => meshSchema.parse(resource).mtls.enabledBackend || 'off' }],
  Dataplane: [
    { title: 'TAGS', cell: tagsOf },
    { title: 'ADDRESS', cell: (resource) => networkingSchema.parse(resource).networking.address },
  ],
};

/** What a table shows of resources of a type. */
export function columnsOf(type: string): readonly Column[] {
  const own = special[type] ?? [];
  return resourceType(type)?.scope === 'Mesh' ? [mesh, name, ...own, created] : [name, ...own, created];
}
