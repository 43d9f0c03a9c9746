import { inflateRawSync } from 'node:zlib';
import type { Clock } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import { deflated } from './deflate.ts';
import { bytesOf } from './insights/journal.ts';
import { isStorableName } from './limits.ts';
import { pagesOf } from './pages.ts';
import { ConditionFailedError, type Item, type ItemKey, type ItemStore, type Operation } from './port.ts';
import {
  type MeshPropagation,
  type Propagation,
  propagationLifeMs,
  type RelayProgress,
} from './propagation.ts';
import { readHeads } from './resources/before.ts';
import { type ContentionOptions, createContender } from './resources/contention.ts';
import { createGenerationCache, type StoredHead } from './resources/head.ts';
import { dataPartition, insightsPartition, resourceItemKey } from './resources/keys.ts';

export interface PropagationDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  /** For tests; see {@link ContentionOptions}. */
  readonly contention?: ContentionOptions;
}

const relayPrefix = 'relay/';
/** Items whose version this process remembers; one that it has forgotten costs two reads more. */
const maxRemembered = 20_000;
const generationLimit = 10_000;

/** The item that a relay wrote last. */
interface Written {
  readonly key: ItemKey;
  readonly version: number;
}

/** Creates the store of how far revisions have got. */
export function createPropagation({ items, clock, contention }: PropagationDeps): Propagation {
  const contender = createContender(contention);
  const generations = createGenerationCache(generationLimit);
  const listeners = new Set<(tenant: TenantId, mesh: string) => void>();
  const written = new Map<string, Written>();

  function remember(name: string, item: Written | undefined): void {
    written.delete(name);
    if (item !== undefined) {
      written.set(name, item);
    }
    const oldest = written.keys().next();
    if (written.size > maxRemembered && oldest.done === false) {
      written.delete(oldest.value);
    }
  }

  async function headOf(tenant: TenantId, mesh: string): Promise<StoredHead | undefined> {
    const [head] = await readHeads(items, generations, tenant, [mesh]);
    return head?.exists === true ? head : undefined;
  }

  function itemOf({ key, version }: Written, progress: RelayProgress): Item {
    return {
      ...key,
      version: version + 1,
      value: deflated(JSON.stringify(progress)),
      expiresAt: Math.ceil((clock() + propagationLifeMs) / 1000),
    };
  }

  /** The next write: over the one before, which is gone where the mesh is, so that one plain request is enough. */
  async function overwrite(tenant: TenantId, name: string, progress: RelayProgress): Promise<boolean> {
    const before = written.get(name);
    if (before === undefined) {
      return false;
    }
    const item = itemOf(before, progress);
    try {
      await items.transact(tenant, [{ kind: 'put', item, condition: { version: before.version } }]);
    } catch (error) {
      remember(name, undefined);
      if (error instanceof ConditionFailedError) {
        return false;
      }
      throw error;
    }
    remember(name, { key: before.key, version: item.version });
    return true;
  }

  /** The first write, which must not outlive a mesh that is being deleted. */
  async function writeFirst(
    tenant: TenantId,
    mesh: string,
    relay: string,
    progress: RelayProgress,
  ): Promise<Written | undefined> {
    const head = await headOf(tenant, mesh);
    if (head === undefined) {
      return undefined;
    }
    const key = relayKey(mesh, head.generation, relay);
    const before = await items.get(tenant, key);
    const item = itemOf({ key, version: before?.version ?? 0 }, progress);
    const meshKey = resourceItemKey(dataPartition(mesh, head.generation), { type: 'Mesh', name: mesh });
    const operations: readonly Operation[] = [
      {
        kind: 'put',
        item,
        condition: before === undefined ? { absent: true } : { version: before.version },
      },
      { kind: 'check', key: meshKey, condition: { present: true } },
    ];
    await items.transact(tenant, operations);
    return { key, version: item.version };
  }

  return {
    async write(tenant, mesh, relay, progress) {
      if (mesh === '' || !isStorableName(mesh)) {
        return;
      }
      const name = nameOf(tenant, mesh, relay);
      if (!(await overwrite(tenant, name, progress))) {
        remember(name, await contender(() => writeFirst(tenant, mesh, relay, progress)));
      }
      for (const listener of listeners) {
        listener(tenant, mesh);
      }
    },
    async remove(tenant, mesh, relay) {
      const name = nameOf(tenant, mesh, relay);
      const known = written.get(name);
      remember(name, undefined);
      const head = known === undefined ? await headOf(tenant, mesh) : undefined;
      const key = known?.key ?? (head && relayKey(mesh, head.generation, relay));
      if (key !== undefined) {
        await items.transact(tenant, [{ kind: 'delete', key }]);
      }
      for (const listener of listeners) {
        listener(tenant, mesh);
      }
    },
    async read(tenant, mesh): Promise<MeshPropagation | undefined> {
      const head = await headOf(tenant, mesh);
      if (head === undefined) {
        return undefined;
      }
      const relays = new Map<string, RelayProgress>();
      const partition = insightsPartition(mesh, head.generation);
      for await (const page of pagesOf(items, tenant, { partition, prefix: relayPrefix })) {
        for (const item of page) {
          relays.set(item.sort.slice(relayPrefix.length), decode(item));
        }
      }
      return { revision: head.revision, dataplanes: head.counts.Dataplane ?? 0, relays };
    },
    onWrite(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function nameOf(tenant: TenantId, mesh: string, relay: string): string {
  return `${tenant}/${relay}/${mesh}`;
}

function relayKey(mesh: string, generation: number, relay: string): ItemKey {
  return { partition: insightsPartition(mesh, generation), sort: `${relayPrefix}${relay}` };
}

function decode(item: Item): RelayProgress {
  return JSON.parse(inflateRawSync(bytesOf(item)).toString()) as RelayProgress;
}
