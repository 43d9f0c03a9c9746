import type { TenantId } from '../../model/tenant.ts';
import type { InsightRecord, InsightsView } from '../insights.ts';
import { applyChange } from './change.ts';
import { type Checkpoint, checkpointBytes, pieceOf } from './checkpoint.ts';
import type { JournalEntry, Ring } from './journal.ts';

/** One entry of the journal that no checkpoint covers. */
interface Uncovered {
  readonly revision: number;
  readonly bytes: number;
  readonly names: readonly string[];
}

/** Whose insights they are, and where. */
export interface InsightScope extends Ring {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly generation: number;
  /** Set where only some insights of the mesh are held: those asked for by name. */
  readonly isPartial?: true;
}

/** The insights of one generation of a mesh as this process holds them: at some revision, and moved on by entries. */
export interface HeldInsights extends InsightScope {
  revision: number;
  records: Map<string, InsightRecord>;
  /** What was handed out of `records`, which are copied before they change again. */
  view: InsightsView | undefined;
  /** Of all texts together. */
  bytes: number;
  /** The newest checkpoint that is known of; there may be a newer one. */
  checkpoint: Checkpoint;
  /** What came after the checkpoint, oldest first. */
  uncovered: Uncovered[];
  /** A new checkpoint is being made. */
  folding: Promise<void> | undefined;
}

/** How far a journal may grow before it is folded, in bytes; or as far as its checkpoint is large. */
const journalBytes = 64 * 1024;
/** The insights at the checkpoint, before the journal. */
export function heldFrom(
  scope: InsightScope,
  checkpoint: Checkpoint,
  records: Iterable<InsightRecord>,
): HeldInsights {
  const byName = new Map([...records].map((record) => [record.name, record]));
  return {
    ...scope,
    revision: checkpoint.revision,
    records: byName,
    view: undefined,
    bytes: [...byName.values()].reduce((sum, { text }) => sum + text.length, 0),
    checkpoint,
    uncovered: [],
    folding: undefined,
  };
}

/** What readers are given: it stays as it is whatever is written later. */
export function viewOf(held: HeldInsights): InsightsView {
  held.view ??= { revision: held.revision, records: held.records };
  return held.view;
}

function put(held: HeldInsights, name: string, after: InsightRecord | undefined): void {
  const before = held.records.get(name);
  held.bytes += (after?.text.length ?? 0) - (before?.text.length ?? 0);
  if (after === undefined) {
    held.records.delete(name);
  } else {
    held.records.set(name, after);
  }
}

/** Moves to the next revision: `change` puts what is new. */
function move(held: HeldInsights, next: Uncovered, change: () => void): void {
  if (held.view !== undefined) {
    held.records = new Map(held.records);
    held.view = undefined;
  }
  change();
  held.revision = next.revision;
  held.uncovered.push(next);
  if (held.uncovered.length > held.places) {
    // Nobody could have written this far without a checkpoint; who only reads does not hear of it.
    held.uncovered.shift();
  }
}

/**
 * Moves on by the entry that follows.
 *
 * @param isIn whether a change of that name is in the records already, as pieces of a checkpoint may be ahead of it.
 */
export function applyEntry(
  held: HeldInsights,
  { revision, time, changes, bytes }: JournalEntry,
  isIn: (name: string) => boolean = () => false,
): void {
  move(held, { revision, bytes, names: changes.map(([name]) => name) }, () => {
    for (const change of changes) {
      const [name] = change;
      if (!isIn(name)) {
        put(held, name, applyChange(held.records.get(name), change, time));
      }
    }
  });
}

/** Moves on by an entry of this process, which knows what it leads to. */
export function applyOwn(
  held: HeldInsights,
  revision: number,
  bytes: number,
  records: ReadonlyMap<string, InsightRecord | undefined>,
): void {
  move(held, { revision, bytes, names: [...records.keys()] }, () => {
    for (const [name, record] of records) {
      put(held, name, record);
    }
  });
}

/** Takes note of a newer checkpoint. */
export function adoptCheckpoint(held: HeldInsights, checkpoint: Checkpoint): void {
  if (checkpoint.revision >= held.checkpoint.revision) {
    held.checkpoint = checkpoint;
    held.uncovered = held.uncovered.filter(({ revision }) => revision > checkpoint.revision);
  }
}

/** Whether it is time for a checkpoint: one is written when as much has been written to the journal. */
export function isFoldDue({ uncovered, checkpoint, places }: HeldInsights): boolean {
  // Before the ring is full, so that writers need not wait.
  if (uncovered.length >= places * 0.75) {
    return true;
  }
  const written = uncovered.reduce((sum, { bytes }) => sum + bytes, 0);
  return written >= Math.max(journalBytes, checkpointBytes(checkpoint));
}

/** Whether the next entry would overwrite one that, as far as is known, no checkpoint covers. */
export function isRingFull({ revision, checkpoint, places }: HeldInsights): boolean {
  return revision + 1 - places > checkpoint.revision;
}

/** The pieces of the checkpoint's layout in which something changed since. */
export function changedPieces({ uncovered, checkpoint }: HeldInsights): ReadonlySet<number> {
  const count = checkpoint.pieces.length;
  return new Set(uncovered.flatMap(({ names }) => names.map((name) => pieceOf(name, count))));
}
