import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { keyText } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Item, ItemStore } from '../port.ts';
import { pieceKey, snapshotKey } from './keys.ts';
import type { RawResource } from './log.ts';

/** What a snapshot is made of, as its item says. */
export interface SnapshotItem {
  /** The revision of the newest whole snapshot; 0 before the first. */
  readonly revision: number;
  /** Hashes of its pieces, in order. */
  readonly pieces: readonly string[];
  /** Somebody is making, or has died making, the next one. */
  readonly fold?: { readonly started: number; readonly pieces: readonly string[] };
  /** Pieces that nobody needs any more and that are not yet removed. */
  readonly obsolete?: readonly string[];
}

/** One piece: a few resources, compressed, named by a hash of what is in it. */
export interface Piece {
  readonly hash: string;
  readonly data: Uint8Array;
}

/**
 * Pieces are cut after a resource whose name's hash says so, in the mean after 64 of them, so that a resource that comes
 * or goes changes one piece and leaves the others as they are; and before they are larger than the limit, which not
 * even incompressible text makes too large for an item.
 */
const cutMask = 63;
const maxPieceBytes = 340 * 1024;

/** Cuts a mesh into pieces. */
export function cutPieces(resources: Iterable<RawResource>): readonly Piece[] {
  const sorted = [...resources]
    .map((resource) => ({ name: keyText(resource), text: JSON.stringify(resource) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const pieces: Piece[] = [];
  let texts: string[] = [];
  let size = 0;
  const cut = () => {
    if (texts.length > 0) {
      pieces.push(piece(texts.join('\n')));
    }
    texts = [];
    size = 0;
  };
  for (const { name, text } of sorted) {
    const bytes = Buffer.byteLength(text) + 1;
    if (size + bytes > maxPieceBytes) {
      cut();
    }
    texts.push(text);
    size += bytes;
    if ((createHash('sha256').update(name).digest().readUInt8(0) & cutMask) === 0) {
      cut();
    }
  }
  cut();
  return pieces;
}

function piece(text: string): Piece {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 32);
  return { hash, data: deflateRawSync(text) };
}

/** Reads the item that says what the snapshot is made of. */
export function decodeSnapshotItem(item: Item | undefined): SnapshotItem {
  return item === undefined ? { revision: 0, pieces: [] } : (JSON.parse(String(item.value)) as SnapshotItem);
}

/** Reads the newest snapshot; undefined where there is none or a piece was removed meanwhile. */
export async function readSnapshot(
  items: ItemStore,
  tenant: TenantId,
  partition: string,
): Promise<{ readonly revision: number; readonly resources: readonly RawResource[] } | undefined> {
  const { revision, pieces } = decodeSnapshotItem(await items.get(tenant, snapshotKey(partition)));
  if (revision === 0) {
    return undefined;
  }
  const found = await items.batchGet(
    tenant,
    pieces.map((hash) => pieceKey(partition, hash)),
  );
  const resources: RawResource[] = [];
  for (const item of found) {
    if (item === undefined || typeof item.value === 'string') {
      return undefined;
    }
    const text = inflateRawSync(item.value).toString();
    for (const line of text.split('\n')) {
      resources.push(JSON.parse(line) as RawResource);
    }
  }
  return { revision, resources };
}
