import { maxValueBytes } from '../port.ts';
import { decodePiece, encodePieces, type Line, parseLine, pieceTextBytes } from './pieces.ts';
import type { PieceRef } from './snapshot.ts';

/** A piece that is not yet written. */
export interface NewPiece extends PieceRef {
  readonly data: Uint8Array;
}

/** Gathers lines into the pieces of a new base, one piece in memory at a time. */
export interface PieceWriter {
  add(text: string): Promise<void>;
  /** Takes over a piece of the base before, which holds this. */
  keep(piece: PieceRef): void;
  /** Writes what is left. Gives back all pieces of the new base. */
  end(): Promise<readonly PieceRef[]>;
}

/** Pieces that are written at once: with checks beside them well within what one transaction takes. */
const bytesAtOnce = 2 * maxValueBytes;
const piecesAtOnce = 50;

/**
 * Creates a writer.
 *
 * @param prefix what the names of its pieces start with.
 * @param write writes some pieces, durably.
 */
export function createPieceWriter(
  prefix: string,
  write: (pieces: readonly NewPiece[]) => Promise<void>,
): PieceWriter {
  const kept: PieceRef[] = [];
  const made: PieceRef[] = [];
  let waiting: NewPiece[] = [];
  let texts: string[] = [];
  let textBytes = 0;

  const flush = async () => {
    const pieces = waiting;
    waiting = [];
    if (pieces.length > 0) {
      await write(pieces);
    }
  };

  const cut = async () => {
    const encoded = await encodePieces(texts);
    texts = [];
    textBytes = 0;
    for (const data of encoded) {
      const piece = { name: `${prefix}${made.length}`, bytes: data.length, data };
      made.push({ name: piece.name, bytes: piece.bytes });
      if (bytesOf(waiting) + piece.bytes > bytesAtOnce || waiting.length === piecesAtOnce) {
        await flush();
      }
      waiting.push(piece);
    }
  };

  return {
    async add(text) {
      texts.push(text);
      textBytes += text.length;
      if (textBytes >= pieceTextBytes) {
        await cut();
      }
    },
    keep: (piece) => void kept.push(piece),
    async end() {
      await cut();
      await flush();
      return [...kept, ...made];
    },
  };
}

/**
 * Puts changes into a base: pieces in which nothing changes are kept as they are, unless they are small.
 *
 * @param changes by key; it is emptied.
 * @param read reads a piece of the base.
 */
export async function mergeBase(
  base: readonly PieceRef[],
  changes: Map<string, Line>,
  read: (piece: PieceRef) => Promise<Uint8Array>,
  writer: PieceWriter,
): Promise<void> {
  for (const piece of base) {
    const lines = (await decodePiece(await read(piece))).map(parseLine);
    const size = lines.reduce((sum, { text }) => sum + text.length, 0);
    const isLarge = size >= pieceTextBytes / 2 || piece.bytes >= maxValueBytes / 3;
    if (isLarge && !lines.some(({ key }) => changes.has(key))) {
      writer.keep(piece);
      continue;
    }
    for (const line of lines) {
      const last = changes.get(line.key) ?? line;
      changes.delete(line.key);
      await addLine(writer, last);
    }
  }
  for (const line of changes.values()) {
    await addLine(writer, line);
  }
  changes.clear();
}

async function addLine(writer: PieceWriter, { text, isGone }: Line): Promise<void> {
  if (!isGone) {
    await writer.add(text);
  }
}

function bytesOf(pieces: readonly PieceRef[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}
