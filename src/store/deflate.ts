import { deflateRawSync } from 'node:zlib';

/** Bytes that make one unit of what DynamoDB bills for a write, together with the item's keys. */
const fitsInOneUnit = 800;
const maxStored = 0xffff;

/**
 * Text as a raw DEFLATE stream (RFC 1951), as `inflateRaw` reads it. What would cost the same either way becomes one
 * stored block: setting up the compressor takes 50 µs and 256 KiB, more than all else that a small record does.
 *
 * @param smallBytes Up to how many bytes the text is stored as it is; at most 65,535.
 */
export function deflated(text: string, smallBytes: number = fitsInOneUnit): Uint8Array {
  const length = Buffer.byteLength(text);
  if (length > Math.min(smallBytes, maxStored)) {
    return deflateRawSync(text, { level: 1 });
  }
  const block = Buffer.allocUnsafe(length + 5);
  block[0] = 1;
  block.writeUInt16LE(length, 1);
  block.writeUInt16LE(~length & maxStored, 3);
  block.write(text, 5);
  return block;
}
