import { KumulusError } from '../../model/errors.ts';
import { keyText, type Resource, type ResourceKey } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { ItemStore } from '../port.ts';
import type { Head, LogAnswer, MeshState } from '../resource-store.ts';
import { readHeads } from './before.ts';
import { decodeHead, type GenerationCache, partitionOf, type StoredHead } from './head.ts';
import { dataPartition, headKey, isStorableKey, resourceItemKey, resourcePrefix } from './keys.ts';
import { openLogEntry, type RawLogEntry, type RawResource, readLog } from './log.ts';
import type { ResourceTexts } from './resource-text.ts';
import { readSnapshot } from './snapshot.ts';

export interface ReaderDeps {
  readonly items: ItemStore;
  readonly texts: ResourceTexts;
  readonly generations: GenerationCache;
}

/** A mesh at one revision, with what is sealed still sealed. */
export interface RawState {
  readonly head: StoredHead;
  readonly revision: number;
  /** By `keyText`. */
  readonly resources: ReadonlyMap<string, RawResource>;
}

/** The reading half of the resource store. */
export interface Reader {
  get(tenant: TenantId, key: ResourceKey): Promise<Resource | undefined>;
  head(tenant: TenantId, mesh: string): Promise<Head>;
  logAfter(tenant: TenantId, mesh: string, revision: number, limit?: number): Promise<LogAnswer>;
  load(tenant: TenantId, mesh: string): Promise<MeshState>;
  loadRaw(tenant: TenantId, mesh: string): Promise<RawState>;
}

const maxLoadAttempts = 5;

/** Creates the reader of resources. */
export function createReader({ items, texts, generations }: ReaderDeps): Reader {
  async function readHead(tenant: TenantId, mesh: string): Promise<StoredHead> {
    const [head] = await readHeads(items, generations, tenant, [mesh]);
    if (head === undefined) {
      throw new Error('a head is read for every mesh that is asked for');
    }
    return head;
  }

  async function get(tenant: TenantId, key: ResourceKey): Promise<Resource | undefined> {
    const guess = generations.get(tenant, key.mesh);
    if (guess !== undefined) {
      const itemKey = resourceItemKey(dataPartition(key.mesh, guess), key);
      const [headItem, item] =
        key.mesh === ''
          ? [undefined, await items.get(tenant, itemKey)]
          : await items.batchGet(tenant, [headKey(key.mesh), itemKey]);
      const head = decodeHead(key.mesh, headItem);
      if (!head.exists) {
        return undefined;
      }
      if (head.generation === guess) {
        return item === undefined ? undefined : texts.decode(tenant, String(item.value));
      }
    }
    const head = await readHead(tenant, key.mesh);
    if (!head.exists) {
      return undefined;
    }
    const item = await items.get(tenant, resourceItemKey(partitionOf(key.mesh, head), key));
    return item === undefined ? undefined : texts.decode(tenant, String(item.value));
  }

  async function logAfter(
    tenant: TenantId,
    mesh: string,
    revision: number,
    limit?: number,
  ): Promise<LogAnswer> {
    const head = await readHead(tenant, mesh);
    if (revision === head.revision) {
      return { kind: 'entries', entries: [] };
    }
    // The log of a generation starts with the revision that made it; the tombstone before it has no log.
    const start = mesh === '' ? 0 : head.generation - 1;
    if (!head.exists || revision > head.revision || revision < start) {
      return { kind: 'expired' };
    }
    const entries = await readLog(items, tenant, partitionOf(mesh, head), revision, head.revision, limit);
    if (entries === undefined) {
      return { kind: 'expired' };
    }
    return {
      kind: 'entries',
      entries: await Promise.all(entries.map((entry) => openLogEntry(texts, tenant, entry))),
    };
  }

  /** From the newest snapshot; undefined where there is none, it is just being replaced or the log after it is gone. */
  async function fromSnapshot(
    tenant: TenantId,
    mesh: string,
    head: StoredHead,
  ): Promise<RawState | undefined> {
    if (head.snapshotRevision === 0) {
      return undefined;
    }
    const partition = partitionOf(mesh, head);
    const snapshot = await readSnapshot(items, tenant, partition);
    if (snapshot === undefined) {
      return undefined;
    }
    const entries = await readLog(items, tenant, partition, snapshot.revision, head.revision);
    return entries === undefined ? undefined : replay(head, snapshot.revision, snapshot.resources, entries);
  }

  /**
   * From the items. They are read in pages while others write, so what was written from before the first page until
   * after the last one is then put over it from the log.
   */
  async function fromItems(tenant: TenantId, mesh: string, head: StoredHead): Promise<RawState | undefined> {
    const partition = partitionOf(mesh, head);
    const resources: RawResource[] = [];
    let after: string | undefined = resourcePrefix;
    while (after !== undefined) {
      const page = await items.query(tenant, { partition, prefix: resourcePrefix, after });
      resources.push(...page.items.map((item) => JSON.parse(String(item.value)) as RawResource));
      after = page.next;
    }
    const end = await readHead(tenant, mesh);
    if (end.generation !== head.generation || !end.exists) {
      return undefined;
    }
    const entries = await readLog(items, tenant, partition, head.revision, end.revision);
    return entries === undefined ? undefined : replay(end, head.revision, resources, entries);
  }

  async function loadRaw(tenant: TenantId, mesh: string): Promise<RawState> {
    for (let attempt = 1; attempt <= maxLoadAttempts; attempt += 1) {
      const head = await readHead(tenant, mesh);
      if (!head.exists) {
        return { head, revision: head.revision, resources: new Map() };
      }
      const state = (await fromSnapshot(tenant, mesh, head)) ?? (await fromItems(tenant, mesh, head));
      if (state !== undefined) {
        return state;
      }
    }
    throw new KumulusError('unavailable', `mesh ${mesh} was deleted or replaced while it was read`, {
      retryAfterSeconds: 1,
    });
  }

  return {
    get: async (tenant, key) => (isStorableKey(key) ? get(tenant, key) : undefined),
    head: async (tenant, mesh) => {
      const { revision, counts, snapshotRevision } = await readHead(tenant, mesh);
      return { revision, counts, snapshotRevision };
    },
    logAfter,
    loadRaw,
    async load(tenant, mesh) {
      const { revision, resources } = await loadRaw(tenant, mesh);
      return {
        revision,
        resources: await Promise.all([...resources.values()].map((raw) => texts.revive(tenant, raw))),
      };
    },
  };
}

function replay(
  head: StoredHead,
  revision: number,
  start: readonly RawResource[],
  entries: readonly RawLogEntry[],
): RawState {
  const resources = new Map(start.map((resource) => [keyText(resource), resource]));
  for (const change of entries.flatMap((entry) => entry.changes)) {
    if (change.kind === 'put') {
      resources.set(keyText(change.resource), change.resource);
    } else {
      resources.delete(keyText(change.key));
    }
  }
  return { head, revision: revision + entries.length, resources };
}
