import { KumulusError } from '../../model/errors.ts';

/** Values in `node.metadata`; Kuma's have some dozens, and one for each label of `dynamicMetadata`. */
const maxValues = 10_000;
/** Levels of lists and objects in `node.metadata`. */
const maxDepth = 32;
/** Fields in `node.extensions`: Envoy has some hundreds of extensions, with a handful of fields each. */
const maxExtensionFields = 20_000;
/** Bytes of any other field of `node`. */
const maxOtherBytes = 16 * 1024;
/** Fields of a request itself: names, and versions of what is held. Subscriptions are held to a bound of their own. */
const maxFields = 60_000;

/** Numbers of the fields of `envoy.config.core.v3.Node`. */
const node = { metadata: 3, extensions: 9 } as const;

/** Walks over the fields of an encoded message, and does not look into them. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  /** Number of the field that was read last, and where its bytes are; both ends are the same where it has none. */
  field = 0;
  start = 0;
  end = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; this.#at < this.#end; scale *= 128) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) {
        return value;
      }
    }
    return value;
  }

  /** Reads the next field; false at the end, or where the bytes are no message, which decoding tells better. */
  next(): boolean {
    if (this.#at >= this.#end) {
      return false;
    }
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    const wireType = tag % 8;
    const length = wireType === 2 ? this.#varint() : wireType === 1 ? 8 : wireType === 5 ? 4 : 0;
    if (wireType === 0) {
      this.#varint();
    }
    this.start = this.#at;
    this.end = wireType === 2 ? this.#at + length : this.#at;
    this.#at += length;
    return wireType !== 3 && wireType !== 4 && wireType < 6 && this.#at <= this.#end;
  }
}

function refuse(message: string): never {
  throw new KumulusError('bad_request', message);
}

/** Counts the values in a node's metadata, as `google.protobuf.Struct`, `Value` and `ListValue` lay them out. */
class MetadataCount {
  readonly #bytes: Uint8Array;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A Struct has its entries in field 1, and they their Value in field 2. */
  struct(start: number, end: number, depth: number): void {
    const entries = new Fields(this.#bytes, start, end);
    while (entries.next()) {
      this.#one(depth);
      const entry = new Fields(this.#bytes, entries.start, entries.end);
      while (entry.next()) {
        if (entry.field === 2) {
          this.#value(entry.start, entry.end, depth);
        }
      }
    }
  }

  /** A Value is a Struct in field 5, a ListValue in field 6, or nothing that holds more values. */
  #value(start: number, end: number, depth: number): void {
    const kinds = new Fields(this.#bytes, start, end);
    while (kinds.next()) {
      if (kinds.field === 5) {
        this.struct(kinds.start, kinds.end, depth + 1);
      } else if (kinds.field === 6) {
        const items = new Fields(this.#bytes, kinds.start, kinds.end);
        while (items.next()) {
          this.#one(depth + 1);
          this.#value(items.start, items.end, depth + 1);
        }
      }
    }
  }

  #one(depth: number): void {
    this.#values += 1;
    if (this.#values > maxValues) {
      refuse(`node.metadata may have at most ${maxValues} values`);
    }
    if (depth > maxDepth) {
      refuse(`node.metadata may nest at most ${maxDepth} levels`);
    }
  }
}

function checkExtension(bytes: Uint8Array, start: number, end: number, before: number): number {
  let count = before + 1;
  for (const fields = new Fields(bytes, start, end); fields.next(); ) {
    count += 1;
  }
  if (count > maxExtensionFields) {
    refuse(`node.extensions may have at most ${maxExtensionFields} fields`);
  }
  return count;
}

function checkNode(bytes: Uint8Array, start: number, end: number): void {
  const metadata = new MetadataCount(bytes);
  let extensionFields = 0;
  let otherBytes = 0;
  for (const fields = new Fields(bytes, start, end); fields.next(); ) {
    if (fields.field === node.metadata) {
      metadata.struct(fields.start, fields.end, 1);
    } else if (fields.field === node.extensions) {
      extensionFields = checkExtension(bytes, fields.start, fields.end, extensionFields);
    } else {
      // The tag is counted, too, so that no field is free.
      otherBytes += fields.end - fields.start + 1;
    }
  }
  if (otherBytes > maxOtherBytes) {
    refuse(`node may have at most ${maxOtherBytes} bytes beside its metadata and extensions`);
  }
}

/**
 * Holds a message against what a proxy can have to say, before it is decoded: who sends it is not known yet, and two
 * megabytes of small things take a third of a second to decode, and some tens of megabytes when they are.
 *
 * @param path field numbers that lead to the node of the message.
 * @throws KumulusError `bad_request`, which names the bound.
 */
export function checkRequestShape(bytes: Uint8Array, path: readonly [number, ...number[]]): void {
  const walk = (start: number, end: number, [field, ...rest]: readonly number[]) => {
    let count = 0;
    for (const fields = new Fields(bytes, start, end); fields.next(); ) {
      count += 1;
      if (count > maxFields) {
        refuse(`a request may have at most ${maxFields} names and versions`);
      }
      if (fields.field === field && rest.length > 0) {
        walk(fields.start, fields.end, rest);
      } else if (fields.field === field) {
        checkNode(bytes, fields.start, fields.end);
      }
    }
  };
  walk(0, bytes.length, path);
}
