import type { TenantId } from '../../model/tenant.ts';
import type { Item, ItemStore } from '../port.ts';
import { pieceKey, snapshotKey } from './keys.ts';
import type { RawChange } from './log.ts';
import { changeOf, decodePiece } from './pieces.ts';

/** A piece of a snapshot. Its name is that of no other piece there ever was in the partition. */
export interface PieceRef {
  readonly name: string;
  /** Of its value. */
  readonly bytes: number;
}

/** What a snapshot is made of, as its item says. */
export interface SnapshotItem {
  /** The revision of the newest whole snapshot; 0 before the first. */
  readonly revision: number;
  /** All resources at some earlier revision. */
  readonly base: readonly PieceRef[];
  /** What has changed since, the oldest first; a later one says the last word. */
  readonly deltas: readonly PieceRef[];
  /** Somebody is making a new base, or has died making it: since when, and what the names of its pieces start with. */
  readonly fold?: { readonly started: number; readonly prefix: string };
  /** Names of pieces that nobody needs any more and that are not yet removed; one that ends with `-` is a prefix. */
  readonly obsolete?: readonly string[];
}

const nothing: SnapshotItem = { revision: 0, base: [], deltas: [] };

/** Reads the item that says what the snapshot is made of; one of an older form is none. */
export function decodeSnapshotItem(item: Item | undefined): SnapshotItem {
  const stored = item === undefined ? nothing : (JSON.parse(String(item.value)) as Partial<SnapshotItem>);
  const { revision, base, deltas, ...rest } = stored;
  return revision === undefined || base === undefined || deltas === undefined
    ? nothing
    : { revision, base, deltas, ...rest };
}

/** Reads the item of a partition. */
export async function readSnapshotItem(
  items: ItemStore,
  tenant: TenantId,
  partition: string,
): Promise<SnapshotItem> {
  return decodeSnapshotItem(await items.get(tenant, snapshotKey(partition)));
}

/** Reads pieces, still compressed; undefined where one has been removed meanwhile. */
export async function readPieces(
  items: ItemStore,
  tenant: TenantId,
  partition: string,
  pieces: readonly PieceRef[],
): Promise<readonly Uint8Array[] | undefined> {
  const found = await items.batchGet(
    tenant,
    pieces.map(({ name }) => pieceKey(partition, name)),
  );
  const values = found.flatMap((item) =>
    item === undefined || typeof item.value === 'string' ? [] : [item.value],
  );
  return values.length === pieces.length ? values : undefined;
}

/** What a snapshot holds, as changes to nothing, in pieces that are decoded one after the other. */
export async function* changesOf(pieces: readonly Uint8Array[]): AsyncGenerator<readonly RawChange[], void> {
  for (const piece of pieces) {
    yield (await decodePiece(piece)).map(changeOf);
  }
}
