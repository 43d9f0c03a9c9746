import type { Clock } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import {
  ConditionFailedError,
  type ItemKey,
  type ItemStore,
  maxOperations,
  type Operation,
} from '../port.ts';
import { readHeads } from './before.ts';
import type { Committer } from './committer.ts';
import type { Contender } from './contention.ts';
import { type GenerationCache, partitionOf, putHead } from './head.ts';
import { pieceKey, resourceItemKey, snapshotKey } from './keys.ts';
import type { Reader } from './reader.ts';
import { cutPieces, decodeSnapshotItem, type Piece, type SnapshotItem } from './snapshot.ts';

export interface FolderDeps {
  readonly items: ItemStore;
  readonly reader: Reader;
  readonly committer: Committer;
  readonly contender: Contender;
  readonly generations: GenerationCache;
  readonly clock: Clock;
}

/** A fold that has not ended after this long is taken for dead, and its pieces for rubbish. */
const abandonedMilliseconds = 10 * 60_000;
/** Seven pieces of the largest size stay below what one transaction takes. */
const piecesAtOnce = 7;

/**
 * Makes the function that folds a mesh into a snapshot.
 *
 * The snapshot's item is the lock: whoever folds enters the pieces that it will write, and every write of pieces
 * requires that the entry is still its own. Of a mesh that is being deleted nothing is written, because every write
 * also requires the mesh's own copy of its `Mesh`, which goes with the deletion.
 */
export function createFold(deps: FolderDeps): (tenant: TenantId, mesh: string) => Promise<void> {
  const { items, reader, committer, contender, generations, clock } = deps;

  async function fold(tenant: TenantId, mesh: string): Promise<void> {
    const state = await reader.loadRaw(tenant, mesh);
    const partition = partitionOf(mesh, state.head);
    const key = snapshotKey(partition);
    const item = await items.get(tenant, key);
    const current = decodeSnapshotItem(item);
    const busy = current.fold !== undefined && clock() - current.fold.started < abandonedMilliseconds;
    if (!state.head.exists || state.revision <= current.revision || busy) {
      return;
    }
    const pieces = cutPieces(state.resources.values());
    const hashes = pieces.map(({ hash }) => hash);
    const alive = aliveCheck(mesh, partition);
    const version = (item?.version ?? 0) + 1;

    const entered: SnapshotItem = { ...current, fold: { started: clock(), pieces: hashes } };
    await items.transact(tenant, [...alive, put(key, version, entered, item?.version)]);
    const present = new Set(current.pieces);
    const missing = pieces.filter(({ hash }) => !present.has(hash));
    for (const group of groups(missing, piecesAtOnce)) {
      const puts = group.map((one) => putPiece(partition, one));
      await items.transact(tenant, [...alive, { kind: 'check', key, condition: { version } }, ...puts]);
    }
    const needed = new Set(hashes);
    const candidates = [...current.pieces, ...(current.obsolete ?? []), ...(current.fold?.pieces ?? [])];
    const obsolete = [...new Set(candidates)].filter((hash) => !needed.has(hash));
    const done: SnapshotItem = { revision: state.revision, pieces: hashes, obsolete };
    await moveHead(tenant, mesh, state.head.generation, state.revision, put(key, version + 1, done, version));
    await removePieces(tenant, partition, done, version + 1);
  }

  async function moveHead(
    tenant: TenantId,
    mesh: string,
    generation: number,
    snapshotRevision: number,
    snapshot: Operation,
  ): Promise<void> {
    await committer.alone(tenant, [mesh], () =>
      contender(async () => {
        const [head] = await readHeads(items, generations, tenant, [mesh]);
        if (head?.exists !== true || head.generation !== generation) {
          throw new FoldOvertakenError();
        }
        try {
          await items.transact(tenant, [snapshot, putHead(mesh, head, { ...head, snapshotRevision })]);
        } catch (error) {
          const lost = error instanceof ConditionFailedError && error.failed.includes(0);
          throw lost ? new FoldOvertakenError() : error;
        }
      }),
    );
  }

  async function removePieces(
    tenant: TenantId,
    partition: string,
    done: SnapshotItem,
    version: number,
  ): Promise<void> {
    let left = done.obsolete ?? [];
    let current = version;
    while (left.length > 0) {
      const now = left.slice(0, maxOperations - 1);
      left = left.slice(now.length);
      const { revision, pieces } = done;
      const next: SnapshotItem = { revision, pieces, ...(left.length > 0 ? { obsolete: left } : {}) };
      await items.transact(tenant, [
        put(snapshotKey(partition), current + 1, next, current),
        ...now.map((hash): Operation => ({ kind: 'delete', key: pieceKey(partition, hash) })),
      ]);
      current += 1;
    }
  }

  return async (tenant, mesh) => {
    const head = await reader.head(tenant, mesh);
    if (head.revision === head.snapshotRevision) {
      return;
    }
    try {
      await fold(tenant, mesh);
    } catch (error) {
      if (!(error instanceof ConditionFailedError) && !(error instanceof FoldOvertakenError)) {
        throw error;
      }
    }
  };
}

/** Somebody else folds the mesh, or it is being deleted: either way there is nothing left to do. */
class FoldOvertakenError extends Error {}

/** The mesh's own copy of its `Mesh` is there as long as the generation is. */
function aliveCheck(mesh: string, partition: string): readonly Operation[] {
  const key = resourceItemKey(partition, { type: 'Mesh', name: mesh });
  return mesh === '' ? [] : [{ kind: 'check', key, condition: { present: true } }];
}

function put(key: ItemKey, version: number, snapshot: SnapshotItem, current: number | undefined): Operation {
  return {
    kind: 'put',
    item: { ...key, version, value: JSON.stringify(snapshot) },
    condition: current === undefined ? { absent: true } : { version: current },
  };
}

function putPiece(partition: string, { hash, data }: Piece): Operation {
  return { kind: 'put', item: { ...pieceKey(partition, hash), version: 1, value: data } };
}

function groups<Element>(elements: readonly Element[], size: number): Element[][] {
  const count = Math.ceil(elements.length / size);
  return Array.from({ length: count }, (_, position) =>
    elements.slice(position * size, (position + 1) * size),
  );
}
