import type { TenantId } from '../model/tenant.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { applyEntries, contextOf } from './apply.ts';
import type { MeshContext } from './mesh-context.ts';

export interface MeshCacheDeps {
  readonly store: ResourceStore;
  /** How many meshes are held, those of the tenant's global scope included; 200 unless told. */
  readonly limit?: number;
}

/** Meshes as their readers see them: as of the moment of the call, at the price of one read of the head. */
export interface MeshCache {
  /** The mesh with all that was committed before the call; the empty name is the tenant's global scope. */
  read(tenant: TenantId, mesh: string): Promise<MeshContext>;
}

interface Entry {
  context: MeshContext | undefined;
  /** The refresh under way. */
  running: Promise<MeshContext> | undefined;
  /** The one after it, shared by all who asked since it began. */
  next: Promise<MeshContext> | undefined;
}

/** Makes a cache. Callers at the same time share a refresh, and none is given one that began before it asked. */
export function createMeshCache({ store, limit = 200 }: MeshCacheDeps): MeshCache {
  /** The mesh that was read last comes last. */
  const entries = new Map<string, Entry>();
  /**
   * What is not there, or not known to be, is held apart: names are for anybody to ask for and must not drive out what is there. It is held,
   * so that asking for a tenant again costs one read of the head whether there is such a tenant or not.
   */
  const empty = new Map<string, Entry>();

  async function refresh(
    tenant: TenantId,
    mesh: string,
    current: MeshContext | undefined,
  ): Promise<MeshContext> {
    if (current !== undefined) {
      const answer = await store.logAfter(tenant, mesh, current.revision);
      if (answer.kind === 'entries') {
        return applyEntries(current, answer.entries).context;
      }
    }
    return contextOf(mesh, await store.load(tenant, mesh));
  }

  async function run(tenant: TenantId, mesh: string, key: string, entry: Entry): Promise<MeshContext> {
    try {
      const context = await refresh(tenant, mesh, entry.context);
      entry.context = context;
      const [from, to] = context.resources.size === 0 ? [entries, empty] : [empty, entries];
      if (from.get(key) === entry) {
        from.delete(key);
        hold(to, key, entry);
      }
      return context;
    } finally {
      entry.running = undefined;
    }
  }

  async function runAfter(
    running: Promise<MeshContext>,
    tenant: TenantId,
    mesh: string,
    key: string,
    entry: Entry,
  ): Promise<MeshContext> {
    await running.catch(() => undefined);
    entry.running = entry.next;
    entry.next = undefined;
    return run(tenant, mesh, key, entry);
  }

  function entryOf(key: string): Entry {
    const known = entries.get(key);
    const entry = known ?? empty.get(key) ?? { context: undefined, running: undefined, next: undefined };
    hold(known === undefined ? empty : entries, key, entry);
    return entry;
  }

  function hold(among: Map<string, Entry>, key: string, entry: Entry): void {
    among.delete(key);
    among.set(key, entry);
    const oldest = among.keys().next();
    if (among.size > limit && oldest.done === false) {
      among.delete(oldest.value);
    }
  }

  return {
    read(tenant, mesh) {
      const key = `${tenant}/${mesh}`;
      const entry = entryOf(key);
      const { running } = entry;
      if (entry.next !== undefined) {
        return entry.next;
      }
      if (running === undefined) {
        entry.running = run(tenant, mesh, key, entry);
        return entry.running;
      }
      entry.next = runAfter(running, tenant, mesh, key, entry);
      return entry.next;
    },
  };
}
