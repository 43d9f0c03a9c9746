import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { maxValueBytes } from '../port.ts';
import { createPieceWriter, type NewPiece } from './piece-writer.ts';
import { decodePiece, pieceTextBytes } from './pieces.ts';

async function write(texts: Iterable<string>) {
  const written: (readonly NewPiece[])[] = [];
  const writer = createPieceWriter('7-', async (pieces) => void written.push(pieces));
  for (const text of texts) {
    await writer.add(text);
  }
  return { pieces: await writer.end(), written };
}

it('writes no more pieces at once than a transaction takes, however well they compress', async () => {
  const text = 'x'.repeat(pieceTextBytes);
  const { pieces, written } = await write(Array.from({ length: 101 }, () => text));
  expect(written.map(({ length }) => length)).toStrictEqual([50, 50, 1]);
  expect(pieces.map(({ name }) => name)).toStrictEqual(Array.from({ length: 101 }, (_, n) => `7-${n}`));
});

it('cuts what does not compress into pieces that fit into items', async () => {
  const texts = Array.from({ length: 12 }, () => randomBytes(120_000).toString('hex'));
  const { pieces, written } = await write(texts);
  const data = written.flat();
  expect(Math.max(...data.map(({ bytes }) => bytes))).toBeLessThanOrEqual(maxValueBytes);
  expect(pieces).toStrictEqual(data.map(({ name, bytes }) => ({ name, bytes })));
  const read = await Promise.all(data.map((piece) => decodePiece(piece.data)));
  expect(read.flat()).toStrictEqual(texts);
});

it('writes nothing where there is nothing', async () => {
  expect(await write([])).toStrictEqual({ pieces: [], written: [] });
});
