import type { Clock } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import { createDecodeCache } from './decode-cache.ts';
import type { Insight, Insights } from './insights.ts';
import { isStorableName } from './limits.ts';
import { pagesOf } from './pages.ts';
import type { Item, ItemStore, Operation } from './port.ts';
import { readHeads } from './resources/before.ts';
import { type ContentionOptions, createContender } from './resources/contention.ts';
import { createGenerationCache, decodeHead, type StoredHead } from './resources/head.ts';
import { dataPartition, headKey, insightsPartition, resourceItemKey } from './resources/keys.ts';

export interface InsightsDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  /** For tests; see {@link ContentionOptions}. */
  readonly contention?: ContentionOptions;
}

/** As in Kuma: the oldest go when an eleventh comes. */
const maxSubscriptions = 10;
const generationLimit = 10_000;
/** Meshes whose decoded insights are remembered. */
const listLimit = 20;

/**
 * Creates the insights of proxies, one item each. They belong to a generation of their mesh, so those of a deleted mesh
 * are never seen in one that is made anew.
 */
export function createInsights({ items, clock, contention }: InsightsDeps): Insights {
  const generations = createGenerationCache(generationLimit);
  const contender = createContender(contention);
  const lists = createDecodeCache(decodeInsight, listLimit);

  async function readHead(tenant: TenantId, mesh: string): Promise<StoredHead | undefined> {
    const [head] = await readHeads(items, generations, tenant, [mesh]);
    return head;
  }

  /** The item with the generation that it belongs to, in one read where the generation is known. */
  async function read(
    tenant: TenantId,
    mesh: string,
    name: string,
  ): Promise<{ readonly head: StoredHead | undefined; readonly item: Item | undefined }> {
    if (name === '' || !isStorableName(name)) {
      return { head: undefined, item: undefined };
    }
    const guess = generations.get(tenant, mesh);
    if (guess !== undefined) {
      const key = { partition: insightsPartition(mesh, guess), sort: name };
      const [headItem, item] = await items.batchGet(tenant, [headKey(mesh), key]);
      const head = decodeHead(mesh, headItem);
      if (head.generation === guess) {
        return { head, item: head.exists ? item : undefined };
      }
    }
    const head = await readHead(tenant, mesh);
    if (head?.exists !== true) {
      return { head, item: undefined };
    }
    const key = { partition: insightsPartition(mesh, head.generation), sort: name };
    return { head, item: await items.get(tenant, key) };
  }

  /** A new insight requires the mesh; of one that is there, the item itself tells that the mesh is. */
  function write(mesh: string, name: string, generation: number, next: Insight, isNew: boolean): Operation[] {
    const key = { partition: insightsPartition(mesh, generation), sort: name };
    const item = { ...key, version: next.version, value: JSON.stringify(next) };
    if (!isNew) {
      return [{ kind: 'put', item, condition: { version: next.version - 1 } }];
    }
    const meshKey = resourceItemKey(dataPartition(mesh, generation), { type: 'Mesh', name: mesh });
    return [
      { kind: 'put', item, condition: { absent: true } },
      { kind: 'check', key: meshKey, condition: { present: true } },
    ];
  }

  return {
    async get(tenant, mesh, name) {
      const { item } = await read(tenant, mesh, name);
      return item === undefined ? undefined : decodeInsight(item);
    },
    async list(tenant, mesh) {
      const head = await readHead(tenant, mesh);
      if (head?.exists !== true) {
        return [];
      }
      const partition = insightsPartition(mesh, head.generation);
      const found: Item[] = [];
      for await (const page of pagesOf(items, tenant, { partition })) {
        found.push(...page);
      }
      return lists.decode(`${tenant}/${partition}`, found);
    },
    async update(tenant, mesh, name, change) {
      await contender(async () => {
        const { head, item } = await read(tenant, mesh, name);
        if (head?.exists !== true) {
          return;
        }
        const current = item === undefined ? undefined : decodeInsight(item);
        const changed = change(current);
        if (changed === undefined) {
          return;
        }
        const time = new Date(clock()).toISOString();
        const next: Insight = {
          ...changed,
          mesh,
          name,
          subscriptions: changed.subscriptions.slice(-maxSubscriptions),
          creationTime: current?.creationTime ?? time,
          modificationTime: time,
          version: (current?.version ?? 0) + 1,
        };
        await items.transact(tenant, write(mesh, name, head.generation, next, current === undefined));
      });
    },
    async delete(tenant, mesh, name) {
      const { head, item } = await read(tenant, mesh, name);
      if (head !== undefined && item !== undefined) {
        const key = { partition: insightsPartition(mesh, head.generation), sort: name };
        await items.transact(tenant, [{ kind: 'delete', key }]);
      }
    },
  };
}

function decodeInsight(item: Item): Insight {
  return JSON.parse(String(item.value)) as Insight;
}
