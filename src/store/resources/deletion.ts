import { type Author, systemAuthor } from '../../model/author.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock, Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import { pagesOf } from '../pages.ts';
import { ConditionFailedError, type ItemStore, maxOperations, type Operation, systemOwner } from '../port.ts';
import type { Recorded, Trail } from '../trail.ts';
import { readHeads } from './before.ts';
import { meshDeletionRecord } from './change-records.ts';
import type { Committed, Committer } from './committer.ts';
import type { Contender } from './contention.ts';
import { type GenerationCache, partitionOf, putHead } from './head.ts';
import {
  dataPartition,
  insightsPartition,
  parsePurgeSort,
  purgeKey,
  purgesPartition,
  resourceItemKey,
} from './keys.ts';
import { logItem } from './log.ts';
import { storedResource } from './resource-text.ts';

export interface DeletionDeps {
  readonly items: ItemStore;
  readonly committer: Committer;
  readonly contender: Contender;
  readonly generations: GenerationCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly logSeconds: number;
  readonly trail: Trail | undefined;
  readonly committed: Committed;
}

/** Takes meshes away. */
export interface Deletion {
  deleteMesh(tenant: TenantId, mesh: string, author?: Author): Promise<void>;
  /** Ends removals that were interrupted. */
  purge(tenant: TenantId): Promise<void>;
  /** Whose removals have not ended. */
  tenantsToPurge(): Promise<ReadonlySet<TenantId>>;
}

/** Creates the part that deletes meshes: at once for every reader, then item by item. */
export function createDeletion(deps: DeletionDeps): Deletion {
  const { items, committer, contender, generations, clock, logger, logSeconds, trail } = deps;

  /** One transaction: the `Mesh` gone from both histories, the head a tombstone, and a note of what is left to remove. */
  async function bury(tenant: TenantId, mesh: string, author: Author): Promise<Burial> {
    const [outer, head] = await readHeads(items, generations, tenant, ['', mesh]);
    if (outer === undefined || head === undefined || !head.exists) {
      throw new KumulusError('not_found', `mesh of name ${mesh} is not found`);
    }
    const dataplanes = head.counts.Dataplane ?? 0;
    if (dataplanes > 0) {
      throw new KumulusError('conflict', 'unable to delete mesh, there are still some dataplanes attached');
    }
    const key = { type: 'Mesh', mesh: '', name: mesh };
    const { Mesh: meshes = 1, ...others } = outer.counts;
    const outerRevision = outer.revision + 1;
    const outerPartition = partitionOf('', outer);
    const stored = await items.get(tenant, resourceItemKey(outerPartition, key));
    if (stored === undefined) {
      throw new ConditionFailedError([]);
    }
    const revision = head.revision + 1;
    const tomb = { ...head, revision, counts: {}, snapshotRevision: 0, exists: false, logBytes: 0 };
    const revisions = new Map([
      ['', outerRevision],
      [mesh, tomb.revision],
    ]);
    const purge = purgeKey({ tenant, mesh, generation: head.generation });
    const recorded = await trail?.record(tenant, [
      meshDeletionRecord(author, storedResource(String(stored.value)), head.counts, revisions),
    ]);
    await items.transact(tenant, [
      putHead('', outer, {
        ...outer,
        revision: outerRevision,
        counts: meshes > 1 ? { ...others, Mesh: meshes - 1 } : others,
      }),
      { kind: 'put', item: logItem(outerPartition, outerRevision, clock(), [{ key }], logSeconds) },
      { kind: 'delete', key: resourceItemKey(outerPartition, key), condition: { present: true } },
      putHead(mesh, head, tomb),
      { kind: 'delete', key: resourceItemKey(partitionOf(mesh, head), key), condition: { present: true } },
      { kind: 'put', owner: systemOwner, item: { ...purge, version: 1, value: '' } },
      ...(recorded?.operations ?? []),
    ]);
    return { generation: head.generation, revisions, recorded };
  }

  /** Removes all items of a partition to which nothing is added any more. */
  async function clear(tenant: TenantId, partition: string): Promise<void> {
    for await (const page of pagesOf(items, tenant, { partition, limit: maxOperations })) {
      await items.transact(
        tenant,
        page.map(({ sort }): Operation => ({ kind: 'delete', key: { partition, sort } })),
      );
    }
  }

  async function removeGeneration(tenant: TenantId, mesh: string, generation: number): Promise<void> {
    await clear(tenant, dataPartition(mesh, generation));
    await clear(tenant, insightsPartition(mesh, generation));
    await items.transact(systemOwner, [{ kind: 'delete', key: purgeKey({ tenant, mesh, generation }) }]);
  }

  return {
    async deleteMesh(tenant, mesh, author = systemAuthor) {
      const { generation, revisions, recorded } = await committer.alone(tenant, ['', mesh], () =>
        contender(() => bury(tenant, mesh, author)),
      );
      await deps.committed(tenant, revisions, recorded);
      try {
        await removeGeneration(tenant, mesh, generation);
      } catch (error) {
        logger.warn('removal of a deleted mesh was interrupted and will be ended by purge', {
          tenant,
          mesh,
          error: error instanceof Error ? error.message : String(error),
        });
      }
    },
    async purge(tenant) {
      const query = { partition: purgesPartition, prefix: `${tenant}/` };
      for await (const page of pagesOf(items, systemOwner, query)) {
        for (const { sort } of page) {
          const { mesh, generation } = parsePurgeSort(sort);
          await removeGeneration(tenant, mesh, generation);
        }
      }
    },
    async tenantsToPurge() {
      const tenants = new Set<TenantId>();
      for await (const page of pagesOf(items, systemOwner, { partition: purgesPartition })) {
        for (const { sort } of page) {
          tenants.add(parsePurgeSort(sort).tenant);
        }
      }
      return tenants;
    },
  };
}

/** The generation that a deleted mesh had, and the revisions that its deletion reached. */
interface Burial {
  readonly generation: number;
  readonly revisions: ReadonlyMap<string, number>;
  readonly recorded: Recorded | undefined;
}
