import type { Clock } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import { pagesOf } from '../pages.ts';
import { ConditionFailedError, type ItemStore, maxOperations, type Operation } from '../port.ts';
import { readHeads } from './before.ts';
import type { Committer } from './committer.ts';
import type { Contender } from './contention.ts';
import { laterFoldOperations } from './fold-policy.ts';
import { type GenerationCache, putHead, type StoredHead } from './head.ts';
import { pieceKey, piecePrefix, resourceItemKey, snapshotKey } from './keys.ts';
import type { NewPiece } from './piece-writer.ts';
import { decodeSnapshotItem, type SnapshotItem } from './snapshot.ts';

export interface SnapshotWriterDeps {
  readonly items: ItemStore;
  readonly committer: Committer;
  readonly contender: Contender;
  readonly generations: GenerationCache;
  readonly clock: Clock;
  /** How long an entry of the log lives. */
  readonly logSeconds: number;
}

/** The snapshot of one generation of a mesh, as it was read or written last. */
export interface SnapshotState {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly generation: number;
  readonly partition: string;
  readonly item: SnapshotItem;
  /** Of the item; 0 where there is none. */
  readonly version: number;
}

/** A snapshot that is to take the place of the one before. */
export interface NextSnapshot extends Pick<SnapshotItem, 'revision' | 'base' | 'deltas'> {
  /** Pieces of it that are not yet written; together they fit into one transaction. */
  readonly pieces: readonly NewPiece[];
  /** Names of pieces of the one before that it does without. */
  readonly obsolete: readonly string[];
  /** What the log up to its revision takes, after the revision of the one before, in bytes. */
  readonly logBytes: number;
}

/**
 * Writes the items of a snapshot. Whoever makes one may be stopped at any point and meet others who make one: what is
 * not yet published is nobody's, and is removed by the next. Every write but the removal of what nobody needs requires that the
 * snapshot's item is still the one that was read, and that the mesh's own copy of its `Mesh` is there, which goes with
 * the mesh.
 */
export interface SnapshotWriter {
  /** Reads the snapshot of a head, rid of what others have left; undefined while another makes a base. */
  open(
    tenant: TenantId,
    mesh: string,
    partition: string,
    head: StoredHead,
  ): Promise<SnapshotState | undefined>;
  /** What the names of the pieces of the next version start with. */
  prefixOf(state: SnapshotState): string;
  /** Enters that a base is being made, so that others leave it alone for ten minutes. */
  enter(state: SnapshotState): Promise<SnapshotState>;
  /** Writes pieces of a base that was entered. */
  writePieces(state: SnapshotState, pieces: readonly NewPiece[]): Promise<void>;
  /** Puts the next snapshot in place, and moves the head with it. */
  publish(state: SnapshotState, next: NextSnapshot): Promise<void>;
}

/** Somebody else folds the mesh, or it is being deleted: either way there is nothing left to do. */
export class FoldOvertakenError extends Error {}

/** A fold that has not ended after this long is taken for dead. */
const abandonedMilliseconds = 10 * 60_000;
/** What is deleted with the publication; what is more comes after it. */
const deletedAtOnce = 50;

/** Creates a {@link SnapshotWriter}. */
export function createSnapshotWriter(deps: SnapshotWriterDeps): SnapshotWriter {
  const { items, committer, contender, generations, clock, logSeconds } = deps;

  async function put(state: SnapshotState, item: SnapshotItem): Promise<SnapshotState> {
    const next = { ...state, item, version: state.version + 1 };
    await items.transact(state.tenant, [...aliveCheck(state), putItem(state, item)]);
    return next;
  }

  async function removePieces(state: SnapshotState, names: readonly string[]): Promise<void> {
    for (let start = 0; start < names.length; start += maxOperations) {
      await items.transact(state.tenant, names.slice(start, start + maxOperations).map(deletePiece(state)));
    }
  }

  /** Removes what folds have left behind. */
  async function clear(state: SnapshotState): Promise<SnapshotState> {
    const { fold, obsolete = [], ...kept } = state.item;
    if (fold === undefined && obsolete.length === 0) {
      return state;
    }
    const left = fold === undefined ? obsolete : [...obsolete, fold.prefix];
    // From here on who was making that base can write no more of it.
    const own = fold === undefined ? state : await put(state, { ...kept, obsolete: left });
    await removePieces(
      own,
      left.filter((name) => !isPrefix(name)),
    );
    for (const prefix of left.filter(isPrefix)) {
      const query = { partition: own.partition, prefix: `${piecePrefix}${prefix}`, limit: maxOperations };
      for await (const page of pagesOf(items, own.tenant, query)) {
        await removePieces(
          own,
          page.map(({ sort }) => sort.slice(piecePrefix.length)),
        );
      }
    }
    return put(own, kept);
  }

  async function attempt(
    state: SnapshotState,
    next: NextSnapshot,
    item: SnapshotItem,
    now: readonly string[],
  ) {
    const { tenant, mesh } = state;
    const [head] = await readHeads(items, generations, tenant, [mesh]);
    if (head?.exists !== true || head.generation !== state.generation) {
      throw new FoldOvertakenError();
    }
    const logBytes = Math.max(0, (head.logBytes ?? 0) - next.logBytes);
    const moved = { ...head, snapshotRevision: next.revision, logBytes };
    const operations: readonly Operation[] = [
      putItem(state, item),
      putHead(mesh, head, moved),
      ...next.pieces.map(putPiece(state)),
      ...now.map(deletePiece(state)),
      ...laterFoldOperations(tenant, mesh, moved, clock(), logSeconds),
    ];
    try {
      await items.transact(tenant, operations);
    } catch (error) {
      const isLost = error instanceof ConditionFailedError && error.failed.includes(0);
      throw isLost ? new FoldOvertakenError() : error;
    }
  }

  return {
    async open(tenant, mesh, partition, { generation }) {
      const item = await items.get(tenant, snapshotKey(partition));
      const state = {
        tenant,
        mesh,
        generation,
        partition,
        item: decodeSnapshotItem(item),
        version: item?.version ?? 0,
      };
      const { fold } = state.item;
      // The clock of whoever began may be another, and this one may have been set back.
      const isBusy = fold !== undefined && Math.abs(clock() - fold.started) < abandonedMilliseconds;
      return isBusy ? undefined : clear(state);
    },
    prefixOf,
    enter: (state) => put(state, { ...state.item, fold: { started: clock(), prefix: prefixOf(state) } }),
    async writePieces(state, pieces) {
      const { partition, version } = state;
      const check: Operation = { kind: 'check', key: snapshotKey(partition), condition: { version } };
      await items.transact(state.tenant, [...aliveCheck(state), check, ...pieces.map(putPiece(state))]);
    },
    async publish(state, next) {
      const { revision, base, deltas } = next;
      const later = next.obsolete.slice(deletedAtOnce);
      const item = { revision, base, deltas, ...(later.length > 0 && { obsolete: later }) };
      const now = next.obsolete.slice(0, deletedAtOnce);
      await committer.alone(state.tenant, [state.mesh], () =>
        contender(() => attempt(state, next, item, now)),
      );
      await clear({ ...state, item, version: state.version + 1 });
    },
  };
}

function prefixOf({ version }: SnapshotState): string {
  return `${version + 1}-`;
}

function isPrefix(name: string): boolean {
  return name.endsWith('-');
}

function aliveCheck({ mesh, partition }: SnapshotState): readonly Operation[] {
  const key = resourceItemKey(partition, { type: 'Mesh', name: mesh });
  return mesh === '' ? [] : [{ kind: 'check', key, condition: { present: true } }];
}

function putItem({ partition, version }: SnapshotState, item: SnapshotItem): Operation {
  return {
    kind: 'put',
    item: { ...snapshotKey(partition), version: version + 1, value: JSON.stringify(item) },
    condition: version === 0 ? { absent: true } : { version },
  };
}

function putPiece({ partition }: SnapshotState): (piece: NewPiece) => Operation {
  return ({ name, data }) => ({
    kind: 'put',
    item: { ...pieceKey(partition, name), version: 1, value: data },
  });
}

function deletePiece({ partition }: SnapshotState): (name: string) => Operation {
  return (name) => ({ kind: 'delete', key: pieceKey(partition, name) });
}
