import type { Logger } from '../../model/ports.ts';
import type { InsightRecord, InsightsView } from '../insights.ts';
import { pagesOf } from '../pages.ts';
import {
  ConditionFailedError,
  type Item,
  type ItemStore,
  maxOperations,
  maxValueBytes,
  type Operation,
} from '../port.ts';
import { dataPartition, resourceItemKey } from '../resources/keys.ts';
import {
  type Checkpoint,
  checkpointItem,
  checkpointKey,
  decodeCheckpoint,
  encodePiece,
  layoutOf,
  pieceCount,
  pieceKey,
  pieceOf,
  piecePrefix,
} from './checkpoint.ts';
import { adoptCheckpoint, changedPieces, type HeldInsights, isFoldDue, viewOf } from './held.ts';

export interface InsightFolderDeps {
  readonly items: ItemStore;
  readonly logger: Logger;
}

/** Makes checkpoints. */
export interface InsightFolder {
  /** Folds the journal where that is due, once at a time; what goes wrong is logged, and tried again with a later write. */
  fold(held: HeldInsights): Promise<void>;
  /** Resolves when nothing is being folded any more. */
  idle(): Promise<void>;
}

/** Beyond so many pieces a mesh is not cut; one piece is then too large for an item, and the fold fails. */
const maxPieces = 4096;
/** How often a piece is tried again that somebody else has just written. */
const maxPieceAttempts = 3;

type PieceState = readonly [revision: number, bytes: number];

/** The mesh must be there for anything new to be written, or what a deletion removes would grow again. */
function meshCheck({ mesh, generation }: HeldInsights): readonly Operation[] {
  const key = resourceItemKey(dataPartition(mesh, generation), { type: 'Mesh', name: mesh });
  return mesh === '' ? [] : [{ kind: 'check', key, condition: { present: true } }];
}

/** Creates the part that makes checkpoints. */
export function createInsightFolder({ items, logger }: InsightFolderDeps): InsightFolder {
  const running = new Set<Promise<void>>();

  /** The insights of each piece. */
  function cut(records: Iterable<InsightRecord>, count: number): readonly InsightRecord[][] {
    const pieces = Array.from({ length: count }, (): InsightRecord[] => []);
    for (const record of records) {
      pieces[pieceOf(record.name, count)]?.push(record);
    }
    return pieces;
  }

  /** Replaces a piece by a newer version of it, unless there is one. Gives back what is there then. */
  async function replacePiece(held: HeldInsights, item: Item, known: number): Promise<PieceState> {
    let version = known;
    for (let attempt = 1; version < item.version; attempt += 1) {
      try {
        await items.transact(held.tenant, [{ kind: 'put', item, condition: { version } }]);
        return [item.version, item.value.length];
      } catch (error) {
        if (!(error instanceof ConditionFailedError) || attempt >= maxPieceAttempts) {
          throw error;
        }
        const there = await items.get(held.tenant, item);
        if (there === undefined) {
          throw error;
        }
        version = there.version;
      }
    }
    return [version, item.value.length];
  }

  async function encode(
    held: HeldInsights,
    layout: number,
    piece: number,
    revision: number,
    records: readonly InsightRecord[],
  ) {
    const value = await encodePiece(records);
    return { ...pieceKey(held.partition, layout, piece), version: revision, value };
  }

  /** Writes the pieces that changed since the last checkpoint; undefined where one has become too large. */
  async function writeChanged(
    held: HeldInsights,
    { revision, records: all }: InsightsView,
  ): Promise<readonly PieceState[] | undefined> {
    const { checkpoint } = held;
    const changed = changedPieces(held);
    const pieces = cut(all.values(), checkpoint.pieces.length);
    const states: PieceState[] = [];
    for (const [piece, records] of pieces.entries()) {
      const before = checkpoint.pieces[piece] ?? [0, 0];
      if (!changed.has(piece)) {
        states.push(before);
        continue;
      }
      const item = await encode(held, checkpoint.layout, piece, revision, records);
      if (item.value.length > maxValueBytes) {
        return undefined;
      }
      states.push(await replacePiece(held, item, before[0]));
    }
    return states;
  }

  /** Writes all pieces under names of their own, so that nobody who reads or writes the old ones is disturbed. */
  async function writeAnew(
    held: HeldInsights,
    view: InsightsView,
    count: number,
  ): Promise<readonly PieceState[]> {
    const { revision } = view;
    const states: PieceState[] = [];
    for (const [piece, records] of cut(view.records.values(), count).entries()) {
      const item = await encode(held, revision, piece, revision, records);
      if (item.value.length > maxValueBytes && count < maxPieces) {
        return writeAnew(held, view, count * 4);
      }
      await items.transact(held.tenant, [...meshCheck(held), { kind: 'put', item }]);
      states.push([revision, item.value.length]);
    }
    return states;
  }

  /** Removes pieces of other layouts: older ones, or one that was not taken. */
  async function removePieces(held: HeldInsights, isObsolete: (layout: number) => boolean): Promise<void> {
    const { tenant, partition } = held;
    for await (const page of pagesOf(items, tenant, {
      partition,
      prefix: piecePrefix,
      limit: maxOperations,
    })) {
      const obsolete = page.filter(({ sort }) => isObsolete(layoutOf(sort)));
      if (obsolete.length > 0) {
        await items.transact(
          tenant,
          obsolete.map(({ sort }): Operation => ({ kind: 'delete', key: { partition, sort } })),
        );
      }
    }
  }

  async function readCheckpoint({ tenant, partition }: HeldInsights): Promise<Checkpoint> {
    return decodeCheckpoint(await items.get(tenant, checkpointKey(partition)));
  }

  async function run(held: HeldInsights): Promise<void> {
    adoptCheckpoint(held, await readCheckpoint(held));
    if (!isFoldDue(held)) {
      return;
    }
    const { checkpoint } = held;
    const view = viewOf(held);
    const { revision } = view;
    const count = pieceCount(held.bytes, checkpoint.pieces.length);
    const kept = count === checkpoint.pieces.length ? await writeChanged(held, view) : undefined;
    const layout = kept === undefined ? revision : checkpoint.layout;
    const pieces = kept ?? (await writeAnew(held, view, count));
    const item = checkpointItem(held.partition, { revision, layout, pieces }, checkpoint.itemVersion);
    try {
      await items.transact(
        held.tenant,
        checkpoint.itemVersion === undefined
          ? [{ kind: 'put', item, condition: { absent: true } }, ...meshCheck(held)]
          : [{ kind: 'put', item, condition: { version: checkpoint.itemVersion } }],
      );
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) {
        throw error;
      }
      // Somebody else was faster, or the mesh is gone.
      const there = await readCheckpoint(held);
      adoptCheckpoint(held, there);
      if (there.layout !== layout) {
        await removePieces(held, (one) => one === layout);
      }
      return;
    }
    adoptCheckpoint(held, { revision, layout, pieces, itemVersion: item.version });
    if (layout !== checkpoint.layout) {
      await removePieces(held, (one) => one < layout);
    }
  }

  async function begin(held: HeldInsights): Promise<void> {
    try {
      await run(held);
    } catch (error) {
      const { tenant, mesh } = held;
      logger.warn('the journal of insights could not be folded', { tenant, mesh, error });
    }
  }

  return {
    fold(held) {
      if (held.folding !== undefined) {
        return held.folding;
      }
      const folding = begin(held).finally(() => {
        held.folding = undefined;
        running.delete(folding);
      });
      held.folding = folding;
      running.add(folding);
      return folding;
    },
    async idle() {
      while (running.size > 0) {
        await Promise.all(running);
      }
    },
  };
}
