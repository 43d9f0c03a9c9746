import type { Item, ItemKey, Owner } from '../port.ts';

/*
 * Key: owner NUL partition NUL sort. No part holds a NUL, so keys of one partition lie together, in the order of the
 * bytes of `sort`, and no owner's keys are a prefix of another's.
 *
 * Value: one byte that tells text (0) from bytes (1), the version and the time of expiry (0: never) as doubles, the payload.
 */
const headerBytes = 17;

export function encodeKey(owner: Owner, key: ItemKey): Buffer {
  return Buffer.from(`${owner}\0${key.partition}\0${key.sort}`);
}

/** What every key of the partition starts with. */
export function partitionPrefix(owner: Owner, partition: string): string {
  return `${owner}\0${partition}\0`;
}

export function encodeItem(item: Item): Buffer {
  const { value } = item;
  const isText = typeof value === 'string';
  const buffer = Buffer.allocUnsafe(headerBytes + Buffer.byteLength(value));
  buffer.writeUInt8(isText ? 0 : 1, 0);
  buffer.writeDoubleBE(item.version, 1);
  buffer.writeDoubleBE(item.expiresAt ?? 0, 9);
  if (isText) {
    buffer.write(value, headerBytes);
  } else {
    buffer.set(value, headerBytes);
  }
  return buffer;
}

/** What conditions and expiry need of a stored value. */
export interface ItemHeader {
  readonly version: number;
  readonly expiresAt?: number;
}

export function decodeHeader(stored: Buffer): ItemHeader {
  const expiresAt = stored.readDoubleBE(9);
  return { version: stored.readDoubleBE(1), ...(expiresAt === 0 ? {} : { expiresAt }) };
}

export function decodeItem(key: ItemKey, stored: Buffer): Item {
  const payload = stored.subarray(headerBytes);
  return {
    partition: key.partition,
    sort: key.sort,
    ...decodeHeader(stored),
    value: stored.readUInt8(0) === 0 ? payload.toString() : new Uint8Array(payload),
  };
}

/** Orders expiring items by time, then key, so that those due are at the front. */
export function expiryKey(expiresAt: number, key: Buffer): Buffer {
  const buffer = Buffer.allocUnsafe(8 + key.length);
  buffer.writeDoubleBE(expiresAt, 0);
  key.copy(buffer, 8);
  return buffer;
}

/** The item's key out of an {@link expiryKey}. */
export function keyOfExpiry(expiry: Buffer): Buffer {
  return expiry.subarray(8);
}

/** The first key, in the order of bytes, that starts no longer with `prefix`; a prefix here always ends below 0xff. */
export function afterPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  end.writeUInt8(end.readUInt8(last) + 1, last);
  return end;
}
