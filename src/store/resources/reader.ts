import { KumulusError } from '../../model/errors.ts';
import { keyText, type Resource, type ResourceKey } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import { pagesOf } from '../pages.ts';
import type { ItemStore } from '../port.ts';
import type { Head, LogAnswer, MeshState } from '../resource-store.ts';
import { readBefore, readHeads } from './before.ts';
import { type GenerationCache, initialHead, partitionOf, type StoredHead } from './head.ts';
import { isStorableKey, resourceItemKey, resourcePrefix, scopesOf } from './keys.ts';
import { openLogEntry, type RawChange, type RawResource, readLog } from './log.ts';
import type { ResourceTexts } from './resource-text.ts';
import type { Sighting } from './sighting.ts';
import { changesOf, readPieces, readSnapshotItem } from './snapshot.ts';

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
  pick(
    tenant: TenantId,
    mesh: string,
    keys: readonly ResourceKey[],
  ): Promise<readonly (Resource | undefined)[]>;
  look(tenant: TenantId, key: ResourceKey): Promise<Sighting>;
  head(tenant: TenantId, mesh: string): Promise<Head>;
  logAfter(tenant: TenantId, mesh: string, revision: number, limit?: number): Promise<LogAnswer>;
  load(tenant: TenantId, mesh: string): Promise<MeshState>;
  loadRaw(tenant: TenantId, mesh: string): Promise<RawState>;
}

const maxLoadAttempts = 5;

/** Is shown what was read while there is more to be read. */
type OnPage = (resources: readonly RawResource[]) => void;

/** Creates the reader of resources. */
export function createReader({ items, texts, generations }: ReaderDeps): Reader {
  async function readHead(tenant: TenantId, mesh: string): Promise<StoredHead> {
    const [head] = await readHeads(items, generations, tenant, [mesh]);
    if (head === undefined) {
      throw new Error('a head is read for every mesh that is asked for');
    }
    return head;
  }

  const decoded = (tenant: TenantId, text: string | undefined) =>
    text === undefined ? undefined : texts.decode(tenant, text);

  async function pick(
    tenant: TenantId,
    mesh: string,
    keys: readonly ResourceKey[],
  ): Promise<readonly (Resource | undefined)[]> {
    const { resources } = await readBefore(items, generations, tenant, [mesh], keys);
    return Promise.all(keys.map((key) => decoded(tenant, resources.get(keyText(key))?.text)));
  }

  async function get(tenant: TenantId, key: ResourceKey): Promise<Resource | undefined> {
    if (key.mesh !== '') {
      return (await pick(tenant, key.mesh, [key]))[0];
    }
    // What is beside the meshes is there whatever its head says.
    const item = await items.get(tenant, resourceItemKey(partitionOf('', initialHead('')), key));
    return decoded(tenant, item && String(item.value));
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

  /**
   * From the newest snapshot; `'none'` where there is none or the log after it is gone, `'moved'` where a newer one took
   * its place meanwhile.
   */
  async function fromSnapshot(
    tenant: TenantId,
    mesh: string,
    head: StoredHead,
  ): Promise<RawState | 'none' | 'moved'> {
    const { snapshotRevision, revision } = head;
    if (snapshotRevision === 0) {
      return 'none';
    }
    const partition = partitionOf(mesh, head);
    const [snapshot, log] = await Promise.all([
      readSnapshotItem(items, tenant, partition),
      revision === snapshotRevision ? [] : readLog(items, tenant, partition, snapshotRevision, revision),
    ]);
    if (snapshot.revision > snapshotRevision) {
      return 'moved';
    }
    if (snapshot.revision < snapshotRevision || log === undefined) {
      return 'none';
    }
    const pieces = await readPieces(items, tenant, partition, [...snapshot.base, ...snapshot.deltas]);
    if (pieces === undefined) {
      return 'moved';
    }
    const resources = new Map<string, RawResource>();
    for await (const changes of changesOf(pieces)) {
      replay(resources, changes);
    }
    for (const { changes } of log) {
      replay(resources, changes);
    }
    return { head, revision: snapshotRevision + log.length, resources };
  }

  /**
   * From the items. They are read in pages while others write, so what was written from before the first page until
   * after the last one is then put over it from the log.
   */
  async function fromItems(
    tenant: TenantId,
    mesh: string,
    head: StoredHead,
    onPage: OnPage,
  ): Promise<RawState | undefined> {
    const partition = partitionOf(mesh, head);
    const resources = new Map<string, RawResource>();
    for await (const page of pagesOf(items, tenant, { partition, prefix: resourcePrefix })) {
      const read = page.map(({ value }) => JSON.parse(String(value)) as RawResource);
      onPage(read);
      for (const resource of read) {
        resources.set(keyText(resource), resource);
      }
    }
    const end = await readHead(tenant, mesh);
    if (end.generation !== head.generation || !end.exists) {
      return undefined;
    }
    const { revision } = head;
    const entries =
      end.revision === revision ? [] : await readLog(items, tenant, partition, revision, end.revision);
    if (entries === undefined) {
      return undefined;
    }
    for (const { changes } of entries) {
      replay(resources, changes);
    }
    return { head: end, revision: revision + entries.length, resources };
  }

  async function loadRaw(tenant: TenantId, mesh: string, onPage: OnPage = () => {}): Promise<RawState> {
    for (let attempt = 1; attempt <= maxLoadAttempts; attempt += 1) {
      const head = await readHead(tenant, mesh);
      if (!head.exists) {
        return { head, revision: head.revision, resources: new Map() };
      }
      const folded = await fromSnapshot(tenant, mesh, head);
      const state = folded === 'none' ? await fromItems(tenant, mesh, head, onPage) : folded;
      if (state !== undefined && state !== 'moved') {
        return state;
      }
    }
    throw new KumulusError('unavailable', `mesh ${mesh} was deleted or replaced while it was read`, {
      retryAfterSeconds: 1,
    });
  }

  return {
    get: async (tenant, key) => (isStorableKey(key) ? get(tenant, key) : undefined),
    pick,
    async look(tenant, key) {
      if (!isStorableKey(key)) {
        return { key, resource: undefined, before: undefined };
      }
      const before = await readBefore(items, generations, tenant, scopesOf(key), [key]);
      return { key, resource: await decoded(tenant, before.resources.get(keyText(key))?.text), before };
    },
    head: async (tenant, mesh) => {
      const { revision, counts, snapshotRevision } = await readHead(tenant, mesh);
      return { revision, counts, snapshotRevision };
    },
    logAfter,
    loadRaw,
    async load(tenant, mesh) {
      const { revision, resources } = await loadRaw(tenant, mesh, (page) => texts.expect(tenant, page));
      return {
        revision,
        resources: await Promise.all([...resources.values()].map((raw) => texts.revive(tenant, raw))),
      };
    },
  };
}

function replay(resources: Map<string, RawResource>, changes: readonly RawChange[]): void {
  for (const change of changes) {
    if (change.kind === 'put') {
      resources.set(keyText(change.resource), change.resource);
    } else {
      resources.delete(keyText(change.key));
    }
  }
}
