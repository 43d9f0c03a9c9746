import { promisify } from 'node:util';
import { deflateRaw, inflateRawSync } from 'node:zlib';
import type { InsightRecord } from '../insights.ts';
import type { Item, ItemKey } from '../port.ts';
import { bytesOf } from './journal.ts';

/*
 * A checkpoint is all insights of a mesh as of some revision, so that who comes new reads a few items and the journal
 * after it. It is cut into pieces by a hash of names. A piece holds its insights as of the revision that is its item's
 * version, or of a later one if none of them changed in between: so pieces need not be of one revision, and a
 * checkpoint that somebody is just making, or died making, is as good as the one before.
 */

/** What the newest checkpoint is made of. */
export interface Checkpoint {
  /** Up to where all pieces together are complete; 0 before the first checkpoint. */
  readonly revision: number;
  /** Names the set of pieces: the revision at which the insights were last cut anew. */
  readonly layout: number;
  /** Of each piece the revision as of which it was written, and its bytes. */
  readonly pieces: readonly (readonly [revision: number, bytes: number])[];
  /** The version of its item; undefined where there is none. */
  readonly itemVersion: number | undefined;
}

const deflate = promisify(deflateRaw);

export function checkpointKey(partition: string): ItemKey {
  return { partition, sort: 'checkpoint' };
}

export const piecePrefix = 'p/';

export function pieceKey(partition: string, layout: number, piece: number): ItemKey {
  return { partition, sort: `${piecePrefix}${layout}/${piece}` };
}

/** The layout that a piece belongs to, going by the sort key of its item. */
export function layoutOf(sort: string): number {
  return Number(sort.slice(piecePrefix.length, sort.indexOf('/', piecePrefix.length)));
}

/** Reads the item that says what the checkpoint is made of. */
export function decodeCheckpoint(item: Item | undefined): Checkpoint {
  if (item === undefined) {
    return { revision: 0, layout: 0, pieces: [], itemVersion: undefined };
  }
  const stored = JSON.parse(String(item.value)) as Omit<Checkpoint, 'itemVersion'>;
  return { ...stored, itemVersion: item.version };
}

/** The item of a checkpoint that follows the one with the version `before`. */
export function checkpointItem(
  partition: string,
  { revision, layout, pieces }: Omit<Checkpoint, 'itemVersion'>,
  before: number | undefined,
): Item {
  const value = JSON.stringify({ revision, layout, pieces });
  return { ...checkpointKey(partition), version: (before ?? 0) + 1, value };
}

/** Bytes of all pieces together. */
export function checkpointBytes({ pieces }: Checkpoint): number {
  return pieces.reduce((sum, [, bytes]) => sum + bytes, 0);
}

/** The piece, of so many, that an insight is in: FNV-1a of the name. */
export function pieceOf(name: string, pieces: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % pieces;
}

/** Bytes of text that a piece should hold; compressed they are some 40 KB. */
const pieceBytes = 256 * 1024;

/** Into how many pieces so much text is cut, a power of two; those that there are as long as they are not far off. */
export function pieceCount(bytes: number, current: number): number {
  const wanted = 2 ** Math.max(0, Math.ceil(Math.log2(bytes / pieceBytes)));
  return current === 0 || wanted >= current * 4 || wanted * 8 <= current ? wanted : current;
}

/** The value of a piece. */
export async function encodePiece(records: readonly InsightRecord[]): Promise<Uint8Array> {
  const lines = [...records]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, version, text }) => `${JSON.stringify(name)}\t${version}\t${text}`);
  return deflate(lines.join('\n'));
}

/** The records of a piece. */
export function decodePiece(item: Item): readonly InsightRecord[] {
  const text = inflateRawSync(bytesOf(item)).toString();
  // JSON holds neither tabs nor line feeds of its own, for it escapes them.
  return text === ''
    ? []
    : text.split('\n').map((line) => {
        const [name = '""', version = '0', rest = ''] = line.split('\t');
        return { name: String(JSON.parse(name)), version: Number(version), text: rest };
      });
}
