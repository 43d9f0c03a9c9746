import { inflateRawSync } from 'node:zlib';
import { deflated } from '../deflate.ts';
import type { Condition, Item, ItemKey, Operation, Query } from '../port.ts';
import type { InsightChange } from './change.ts';

/*
 * The journal of a mesh's insights is a ring: entry n is in place n modulo `places`. A writer of entry n requires what
 * it overwrites to be entry n - places, so each entry is written once, by one writer, in one plain write and with no
 * head to move; and a reader at n-1 knows by one read of place n whether there is more. Nothing is ever deleted, so
 * nothing can be mistaken for what was there before.
 */

/** How many entries the ring of a mesh holds. All who write to a table must have the same. */
export const defaultPlaces = 2048;

/** Entries are asked for in pages of these sizes, one after the other, as what follows the last one may be old. */
export const pageSizes = [1, 16, 128, 1000] as const;

const journalPrefix = 'j/';

/** The ring of one mesh. */
export interface Ring {
  readonly partition: string;
  readonly places: number;
}

/** Where the entry of a revision is. */
export function journalKey({ partition, places }: Ring, revision: number): ItemKey {
  return { partition, sort: `${journalPrefix}${String(revision % places).padStart(6, '0')}` };
}

/** A query for what is in up to `limit` places from that of `revision` on; it ends at the end of the ring. */
export function journalQuery(ring: Ring, revision: number, limit: number): Query {
  const after = revision % ring.places === 0 ? {} : { after: journalKey(ring, revision - 1).sort };
  return { partition: ring.partition, prefix: journalPrefix, limit, ...after };
}

/** The value of an item that is compressed. */
export function bytesOf({ value }: Item): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

/** What one group of writers changed. */
export interface JournalEntry {
  readonly revision: number;
  /** RFC 3339. */
  readonly time: string;
  readonly changes: readonly InsightChange[];
  /** Of its item's value. */
  readonly bytes: number;
}

/** The item of an entry. */
export function journalItem(
  ring: Ring,
  revision: number,
  time: string,
  changes: readonly InsightChange[],
): Item {
  const value = deflated(JSON.stringify([time, changes]));
  return { ...journalKey(ring, revision), version: revision, value };
}

/** Puts an entry in its place where the one before it in that place is still there. */
export function putJournalItem({ places }: Ring, item: Item): Operation {
  const condition: Condition = item.version <= places ? { absent: true } : { version: item.version - places };
  return { kind: 'put', item, condition };
}

/** Reads the item of an entry. */
export function decodeJournalItem(item: Item): JournalEntry {
  const text = inflateRawSync(bytesOf(item)).toString();
  const [time, changes] = JSON.parse(text) as [string, InsightChange[]];
  return { revision: item.version, time, changes, bytes: item.value.length };
}
