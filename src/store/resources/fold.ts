import type { TenantId } from '../../model/tenant.ts';
import { pagesOf } from '../pages.ts';
import { ConditionFailedError, maxValueBytes } from '../port.ts';
import { readHeads } from './before.ts';
import { foldPolicy } from './fold-policy.ts';
import { partitionOf, type StoredHead } from './head.ts';
import { resourcePrefix } from './keys.ts';
import { logPages } from './log.ts';
import { createPieceWriter, mergeBase, type NewPiece, type PieceWriter } from './piece-writer.ts';
import { decodePiece, encodePieces, type Line, lineOf, parseLine } from './pieces.ts';
import { type PieceRef, readPieces } from './snapshot.ts';
import {
  createSnapshotWriter,
  FoldOvertakenError,
  type SnapshotState,
  type SnapshotWriterDeps,
} from './snapshot-writer.ts';

/** What the log says after a revision: the last word on each resource. */
interface LogChanges {
  readonly revision: number;
  readonly lines: Map<string, Line>;
  readonly bytes: number;
}

/** What is written in one transaction at the most; a change that is larger makes a new base. */
const maxDeltaBytes = 3 * maxValueBytes;

/**
 * Makes the function that folds a mesh into a snapshot: what has changed since the newest one becomes a piece of its
 * own, joined with those before it that are not twice as large; a new base is made when all of them are half as large
 * as the base. So a fold costs what has changed, in reads, writes, memory and time, and a change is written some three
 * times; a mesh is read as its base and a few pieces. A base is made piece by piece, from the one before or, where
 * there is none or the log does not reach back to it, from the items.
 */
export function createFold(deps: SnapshotWriterDeps): (tenant: TenantId, mesh: string) => Promise<void> {
  const { items, generations } = deps;
  const snapshots = createSnapshotWriter(deps);

  async function readChanges(state: SnapshotState, revision: number): Promise<LogChanges> {
    const lines = new Map<string, Line>();
    let reached = revision;
    let bytes = 0;
    for await (const entries of logPages(items, state.tenant, state.partition, revision)) {
      for (const line of entries.flatMap(({ changes }) => changes.map(lineOf))) {
        lines.set(line.key, line);
      }
      reached += entries.length;
      bytes += entries.reduce((sum, entry) => sum + entry.bytes, 0);
    }
    return { revision: reached, lines, bytes };
  }

  async function readPiece({ tenant, partition }: SnapshotState, piece: PieceRef): Promise<Uint8Array> {
    const [data] = (await readPieces(items, tenant, partition, [piece])) ?? [];
    if (data === undefined) {
      throw new FoldOvertakenError();
    }
    return data;
  }

  /** The changes of older pieces, with newer ones put over them. */
  async function under(state: SnapshotState, older: readonly PieceRef[], newer: Map<string, Line>) {
    const lines = new Map<string, Line>();
    for (const piece of older) {
      for (const text of await decodePiece(await readPiece(state, piece))) {
        const line = parseLine(text);
        lines.set(line.key, line);
      }
    }
    for (const line of newer.values()) {
      lines.set(line.key, line);
    }
    return lines;
  }

  /** Adds a piece of what has changed. Gives back false where it is time for a new base. */
  async function append(state: SnapshotState, changes: LogChanges): Promise<boolean> {
    const { base, deltas } = state.item;
    let { lines } = changes;
    let encoded = await encodePieces(textsOf(lines));
    if (bytesOf(deltas) + bytesOf(encoded) > Math.max(foldPolicy.smallestMerge, bytesOf(base) / 2)) {
      return false;
    }
    let kept = deltas;
    for (
      let last = kept.at(-1);
      last !== undefined && last.bytes <= 2 * bytesOf(encoded);
      last = kept.at(-1)
    ) {
      kept = kept.slice(0, -1);
      lines = await under(state, [last], lines);
      encoded = await encodePieces(textsOf(lines));
    }
    if (bytesOf(encoded) > maxDeltaBytes) {
      return false;
    }
    const pieces = named(snapshots.prefixOf(state), encoded);
    await snapshots.publish(state, {
      revision: changes.revision,
      base,
      deltas: [...kept, ...pieces.map(refOf)],
      pieces,
      obsolete: deltas.slice(kept.length).map(({ name }) => name),
      logBytes: changes.bytes,
    });
    return true;
  }

  function writerOf(state: SnapshotState, entered: SnapshotState): PieceWriter {
    return createPieceWriter(snapshots.prefixOf(state), (pieces) => snapshots.writePieces(entered, pieces));
  }

  /** Makes a new base of the one before, all pieces beside it and what the log says. */
  async function rebase(state: SnapshotState, changes: LogChanges): Promise<void> {
    const { base, deltas } = state.item;
    const entered = await snapshots.enter(state);
    const writer = writerOf(state, entered);
    const lines = await under(state, deltas, changes.lines);
    await mergeBase(base, lines, (piece) => readPiece(state, piece), writer);
    const made = await writer.end();
    const names = new Set(made.map(({ name }) => name));
    await snapshots.publish(entered, {
      revision: changes.revision,
      base: made,
      deltas: [],
      pieces: [],
      obsolete: [...base, ...deltas].map(({ name }) => name).filter((name) => !names.has(name)),
      logBytes: changes.bytes,
    });
  }

  /**
   * Makes a base of the items. They are read in pages while others write, so what was written from before the first
   * page until after the last one becomes a piece beside it.
   */
  async function collect(state: SnapshotState, head: StoredHead): Promise<void> {
    const { tenant, partition } = state;
    const entered = await snapshots.enter(state);
    const writer = writerOf(state, entered);
    for await (const page of pagesOf(items, tenant, { partition, prefix: resourcePrefix })) {
      for (const { value } of page) {
        await writer.add(String(value));
      }
    }
    const base = await writer.end();
    const changes = await readChanges(state, head.revision);
    const encoded = await encodePieces(textsOf(changes.lines));
    const isSmall = bytesOf(encoded) <= maxDeltaBytes;
    const pieces = isSmall ? named(snapshots.prefixOf(entered), encoded) : [];
    await snapshots.publish(entered, {
      // What is too much for one transaction is left to the next fold; the log has it.
      revision: isSmall ? changes.revision : head.revision,
      base,
      deltas: pieces.map(refOf),
      pieces,
      obsolete: [...state.item.base, ...state.item.deltas].map(({ name }) => name),
      logBytes: (head.logBytes ?? 0) + (isSmall ? changes.bytes : 0),
    });
  }

  async function fold(tenant: TenantId, mesh: string): Promise<void> {
    const [head] = await readHeads(items, generations, tenant, [mesh]);
    if (head?.exists !== true || head.revision === head.snapshotRevision) {
      return;
    }
    const state = await snapshots.open(tenant, mesh, partitionOf(mesh, head), head);
    if (state === undefined || head.revision <= state.item.revision) {
      return;
    }
    const { revision } = state.item;
    const changes = revision === 0 ? undefined : await readChanges(state, revision);
    if (changes === undefined || changes.revision < head.revision) {
      await collect(state, head);
    } else if (!(await append(state, changes))) {
      await rebase(state, changes);
    }
  }

  return async (tenant, mesh) => {
    try {
      await fold(tenant, mesh);
    } catch (error) {
      if (!(error instanceof ConditionFailedError) && !(error instanceof FoldOvertakenError)) {
        throw error;
      }
    }
  };
}

function textsOf(lines: ReadonlyMap<string, Line>): readonly string[] {
  return [...lines.values()].map(({ text }) => text);
}

function named(prefix: string, encoded: readonly Uint8Array[]): readonly NewPiece[] {
  return encoded.map((data, position) => ({ name: `${prefix}${position}`, bytes: data.length, data }));
}

function refOf({ name, bytes }: PieceRef): PieceRef {
  return { name, bytes };
}

function bytesOf(pieces: readonly (PieceRef | Uint8Array)[]): number {
  return pieces.reduce((sum, piece) => sum + ('bytes' in piece ? piece.bytes : piece.length), 0);
}
