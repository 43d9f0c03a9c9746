import type { ResourceKey } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import { defaultPageLimit, type Item, type ItemStore } from '../port.ts';
import type { LogEntry, LoggedChange } from '../resource-store.ts';
import { logKey, logPrefix, revisionOf } from './keys.ts';
import type { ResourceTexts } from './resource-text.ts';

/** A change on its way into the log: the text of the resource, or the key of what went. */
export type LogChangeText = { readonly text: string } | { readonly key: ResourceKey };

/** The item of a log entry. It expires by itself: nothing but catching up needs the log, and who is late loads anew. */
export function logItem(
  partition: string,
  revision: number,
  now: number,
  changes: readonly LogChangeText[],
  logSeconds: number,
): Item {
  const texts = changes.map((change) => {
    if ('text' in change) {
      return `{"kind":"put","resource":${change.text}}`;
    }
    const { type, mesh, name } = change.key;
    return `{"kind":"delete","key":${JSON.stringify({ type, mesh, name })}}`;
  });
  return {
    ...logKey(partition, revision),
    version: revision,
    value: `{"time":${now},"changes":[${texts.join(',')}]}`,
    expiresAt: Math.floor(now / 1000) + logSeconds,
  };
}

/** A log entry whose resources are not yet opened. */
export interface RawLogEntry {
  readonly revision: number;
  readonly time: number;
  readonly changes: readonly RawChange[];
  /** Of its item's value. */
  readonly bytes: number;
}

/** A resource as parsed from its text, what is sealed still sealed; or the key of what went. */
export type RawChange =
  | { readonly kind: 'put'; readonly resource: RawResource }
  | { readonly kind: 'delete'; readonly key: ResourceKey };

/** A resource as parsed from its text, what is sealed still sealed. */
export type RawResource = ResourceKey & Readonly<Record<string, unknown>>;

/** Reads the item of a log entry. */
export function decodeLogItem(item: Item): RawLogEntry {
  const { time, changes } = JSON.parse(String(item.value)) as Pick<RawLogEntry, 'time' | 'changes'>;
  return { revision: revisionOf(item.sort), time, changes, bytes: Buffer.byteLength(item.value) };
}

/** Opens what is sealed in an entry. */
export async function openLogEntry(
  texts: ResourceTexts,
  tenant: TenantId,
  entry: RawLogEntry,
): Promise<LogEntry> {
  const changes = await Promise.all(
    entry.changes.map(
      async (change): Promise<LoggedChange> =>
        change.kind === 'delete'
          ? change
          : { kind: 'put', resource: await texts.revive(tenant, change.resource) },
    ),
  );
  return { revision: entry.revision, time: entry.time, changes };
}

/**
 * The entries after `revision`, in order and in pages; it ends early where some are gone.
 *
 * @param limit The first so many of them are enough.
 */
export async function* logPages(
  items: ItemStore,
  tenant: TenantId,
  partition: string,
  revision: number,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly RawLogEntry[], void, void> {
  let reached = revision;
  let after: string | undefined = logKey(partition, revision).sort;
  while (after !== undefined && reached - revision < limit) {
    const room = limit - (reached - revision);
    const page = await items.query(tenant, {
      partition,
      prefix: logPrefix,
      after,
      ...(room < defaultPageLimit && { limit: room }),
    });
    const start = reached;
    const gap = page.items.findIndex(({ sort }, position) => revisionOf(sort) !== start + position + 1);
    const entries = (gap < 0 ? page.items : page.items.slice(0, gap)).map(decodeLogItem);
    reached += entries.length;
    yield entries;
    after = gap < 0 ? page.next : undefined;
  }
}

/**
 * The entries after `revision` up to `until` or further, in order; undefined where some are gone.
 *
 * @param limit The first so many of them are enough.
 */
export async function readLog(
  items: ItemStore,
  tenant: TenantId,
  partition: string,
  revision: number,
  until: number,
  limit = Number.POSITIVE_INFINITY,
): Promise<readonly RawLogEntry[] | undefined> {
  const pages: (readonly RawLogEntry[])[] = [];
  for await (const page of logPages(items, tenant, partition, revision, limit)) {
    pages.push(page);
  }
  const entries = pages.flat();
  return revision + entries.length >= until || entries.length >= limit ? entries : undefined;
}
